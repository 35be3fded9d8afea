"""The document `dlcli.json` that travels inside every artifact.

format        "dlcli/1"
task          such as "image-classification"
input         kind, name, shape, dtype and how a file becomes it; of a table its columns:
              name, key, kind and categories of each; of a text its column and its tokens
class_names   one a class, in the order of the outputs; none in a regression
target        column that is predicted, of a table or of texts
forecast      of a series: columns and targets with their scales, horizon, times
thresholds    of several classes at once: the probability from which on an example has each class
affine        where float32 does not hold the numbers: `inputs` and `outputs`, each a list of name,
              key, offset and scale. The file itself takes (value - offset) / scale of such an input
              (key: of a table's column, or the place of a channel), and answers
              (value - offset) / scale of such a target (key: its place)
recipe_name, recipe    what it was trained from, every default written out
versions      dlcli, tensorflow, keras
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli import kinds
from dlcli.errors import ArtifactError
from dlcli.json_checks import (
    MISSING,
    NUMBER,
    TEXT,
    Check,
    Object,
    Unfit,
    list_of,
    maybe,
    one_of,
    problem,
    whole,
    within,
)
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir

MEMBER = "dlcli.json"
FORMAT = "dlcli/1"
LARGEST = 256 * 2**20  # bytes of a text in an artifact; that of a large vocabulary has 10 MB


def of_run(run: RunDir) -> dict[str, Any]:
    """The document of a run's `metadata.json`.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return documents.read_object(run.metadata, check_run)


def output_name(document: dict[str, Any]) -> str:
    """What an artifact with named outputs calls its answer."""
    return kinds.output_of(document["task"]).tensor


def texts(document: dict[str, Any]) -> dict[str, str]:
    """What goes beside the document into a file for those who do not read it, by member name."""
    found = {}
    if "characters" in document["input"]:  # a line feed may be one of them
        found["vocabulary.json"] = json.dumps(document["class_names"], ensure_ascii=False)
    elif document["class_names"]:
        found["labels.txt"] = "\n".join(map(_one_line, document["class_names"]))
    if "tokens" in document["input"]:
        found["vocabulary.txt"] = "\n".join(document["input"]["tokens"]["vocabulary"])
    return found


def _one_line(name: str) -> str:
    """A name in which whatever ends a line is escaped, as in Python's strings."""
    ends = [each for each in name if len(f"a{each}a".splitlines()) > 1]
    return name.translate({ord(each): each.encode("unicode_escape").decode() for each in ends})


def parse(text: str | bytes, origin: Path) -> dict[str, Any]:
    """Read and check the document.

    Raises:
        ArtifactError: it is not such a document.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _missing(origin)
    if wrong := problem(document, check_model):
        raise ArtifactError(
            f"{origin} holds a damaged {MEMBER}: {wrong}.", "Use a file as dlcli export wrote it."
        )
    return with_keys_of_its_version(document)


def with_keys_of_its_version(document: dict[str, Any]) -> dict[str, Any]:
    """Add the keys of a recipe that its version of dlcli did not have, with what that version did.

    Without them the test split of a run of 0.1 would be cut anew, with examples in it that it was
    trained on.
    """
    versions, recipe = document.get("versions"), document.get("recipe")
    if not isinstance(versions, dict) or not str(versions.get("dlcli")).startswith("0.1."):
        return document
    if not isinstance(recipe, dict) or not isinstance(recipe.get("data"), dict):
        return document
    kind = kinds.for_task(document["task"])
    return {**document, "recipe": {**recipe, "data": {**kind.keys_of_0_1, **recipe["data"]}}}


def read_from_zip(path: Path) -> dict[str, Any]:
    """Read the document from a zip, or from a zip appended to a file.

    Raises:
        ArtifactError: the file does not hold one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            num_bytes = archive.getinfo(MEMBER).file_size
            if num_bytes > LARGEST:
                raise ArtifactError(
                    f"{path} holds a {MEMBER} of {num_bytes:,} bytes; at most {LARGEST:,} are read."
                )
            return parse(archive.read(MEMBER), path)
    except zipfile.BadZipFile:
        if path.suffix != ".keras" and not _begins_as_zip(path):
            raise _missing(path) from None
        raise ArtifactError(
            f"{path} is damaged: it is no whole zip archive. Expected a .keras file as it was "
            "written.",
            "Copy it again from where it is whole, or train anew.",
        ) from None
    except (KeyError, OSError):
        raise _missing(path) from None
    # Encrypted, compressed in a way that is not known, or damaged within.
    except (RuntimeError, EOFError, zlib.error) as error:
        raise ArtifactError(
            f"{path} holds a {MEMBER} that cannot be unpacked: {error}.",
            "Use a file as dlcli export wrote it.",
        ) from None


def append_to_zip(path: Path, document: dict[str, Any], **texts: str) -> None:
    """Append the document, and other texts by member name, to a zip or to any other file.

    A file that is no zip (such as a `.tflite`) stays what it was, with an
    archive behind its end.
    """
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, json.dumps(document, ensure_ascii=False))
        for name, text in texts.items():
            archive.writestr(name, text)


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _missing(path: Path) -> ArtifactError:
    return ArtifactError(
        f"{path} holds no {MEMBER}, so its classes and its input are unknown.",
        "Use a file that dlcli export wrote.",
    )


_COLUMN = Object({"name": TEXT, "key": TEXT, "kind": TEXT, "categories": list_of(TEXT)})
_AFFINE = list_of(Object({"name": TEXT, "offset": NUMBER, "scale": NUMBER}))
_TRAINING = Object(
    {
        "optimizer": TEXT,
        "learning_rate": NUMBER,
        "schedule": TEXT,
        "batch_size": whole,
        "seed": whole,
    }
)
_INPUT = Object(
    {"kind": TEXT}, {"shape": list_of(maybe(whole)), "name": TEXT, "columns": list_of(_COLUMN)}
)
_METADATA = Object(
    {"task": TEXT, "input": _INPUT, "class_names": list_of(TEXT), "target": TEXT},
    {
        "recipe_name": TEXT,
        "recipe": Object(),
        "affine": Object(optional={"inputs": _AFFINE, "outputs": _AFFINE}),
    },
)


_TRAINED = Object(
    {
        "recipe_name": TEXT,
        "recipe": Object({"model": Object({"family": TEXT}), "training": _TRAINING}),
    }
)


def check_run(value: Any) -> None:
    """See that the metadata of a run has what all of it is read for."""
    check_model(value)
    _TRAINED(value)


def check_model(value: Any) -> None:
    """See that the metadata of a model has what its answers are made of.

    It does without `dlcli.recipe.sections`, which take longer to import than an answer takes.
    """
    _METADATA(value)
    form = value["input"]
    within("task", value["task"], one_of(*kinds.tasks()))
    kind, output = kinds.tasks()[value["task"]]
    within("input.kind", form["kind"], one_of(kind.stored_name))
    for name in kind.input_metadata:
        within(f"input.{name}", form.get(name, MISSING), _INPUT.optional[name])
    if output.has_classes and not value["class_names"]:
        raise Unfit([], "the names of classes in 'class_names'")
    output.check_metadata(value)
    _made(value)


def _made(value: dict[str, Any]) -> None:
    """See that the parts of a model's metadata can be made of their entries."""
    if "forecast" in value:
        from dlcli.inputs import forecasts

        within("forecast", value["forecast"], _makes(forecasts.from_metadata))
    if "affine" in value:
        from dlcli.inputs import affine

        within("affine", value, _makes(affine.from_metadata))
    if "columns" in value["input"]:
        from dlcli.inputs import columns

        within("input.columns", value["input"]["columns"], _makes(columns.from_metadata))


def _makes(make: Callable[[Any], Any]) -> Check:
    def checked(value: Any) -> None:
        try:
            make(value)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            raise Unfit(value, "what dlcli wrote there") from None

    return checked
