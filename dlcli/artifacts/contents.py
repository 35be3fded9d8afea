"""What a `.keras` file holds, looked at before Keras reads it.

Keras resolves each class and function that the file's `config.json` names, and makes them with
the arguments that stand beside: a name is a call. So a file may name what models of dlcli are
made of and nothing else. This keeps out what was not meant to be a model; it is no sandbox.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcli.artifacts import metadata
from dlcli.artifacts.known_names import KNOWN
from dlcli.errors import ArtifactError, DlcliError

if TYPE_CHECKING:
    import keras

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"

_LARGEST_EXPANSION = 100  # times its compressed size; a vocabulary has 3
_SHOWN = 3
# Each unit has a weight of its own; of what has none, a few thousand take no memory to speak of.
_SIZES = {"units", "filters", "input_dim", "output_dim", "num_heads", "key_dim", "value_dim"}
_UNITS_WITHOUT_WEIGHTS = 4096

TRUST = "If you know who made it, say --trust. dlcli is no sandbox: a model is a program."


def check(path: Path) -> None:
    """See that a `.keras` file names and unpacks to nothing that a model of dlcli would not.

    Raises:
        ArtifactError: it does, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path)
            config = json.loads(archive.read(CONFIG))
            num_stored = _check_weights(archive, path)
        unknown = _listed(unknown_names(config))
    # Members may be encrypted (RuntimeError), compressed in a way that is not known, nested deeply.
    except (
        OSError,
        LookupError,
        ValueError,
        RuntimeError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        raise ArtifactError(f"{path} is damaged or not a model that Keras loads: {error}") from None
    if unknown:
        raise ArtifactError(
            f"{path} names {unknown}, which no model of dlcli has; loading it would run that.",
            TRUST,
        )
    largest = max(sizes(config), default=0)
    if largest > max(num_stored, _UNITS_WITHOUT_WEIGHTS):
        raise ArtifactError(
            f"{path} names a layer of {largest:,} units, and holds {num_stored:,} weights: it "
            "would take memory for what it does not have.",
            TRUST,
        )


def check_before_training(*models: keras.Model) -> None:
    """See that models have nothing for which `check` would refuse the file of them.

    Raises:
        DlcliError: they have.
    """
    if unknown := _listed(unknown_names([json.loads(model.to_json()) for model in models])):
        raise DlcliError(
            f"the network has {unknown}, for which its own trained model would be refused.",
            "In the code of dlcli, add what a family uses to dlcli/artifacts/known_names.py.",
        )


def sizes(config: Any) -> Iterator[int]:
    """Count the units, filters and entries of the layers in a configuration."""
    pending = [config]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            for name, value in node.items():
                if name in _SIZES and isinstance(value, int):
                    yield value
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def unknown_names(config: Any) -> Iterator[str]:
    """What a configuration names beyond `KNOWN`, such as "keras.layers.Lambda"."""
    for module, name in names(config):
        if name not in KNOWN.get(module, ()):
            yield f"{module}.{name}" if module else name


def names(node: Any) -> Iterator[tuple[str | None, str]]:
    """Every class and function in a configuration, as (module, name).

    A name by which it is registered stands for it where there is one: Keras looks there first.
    """
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "class_name" in node:
                yield _name(node)
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def _listed(unknown: Iterator[str]) -> str:
    """The first of some names, with the number of the others; "" where there are none."""
    found = list(dict.fromkeys(unknown))
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{', '.join(found[:_SHOWN])}{more}"


def _name(node: dict[str, Any]) -> tuple[str | None, str]:
    """The name that an entry asks Keras for; what is not as Keras writes it is part of it."""
    module, name, registered = (
        node.get(key) for key in ("module", "class_name", "registered_name")
    )
    shown = str(name)
    if name == "function":
        shown = str(node.get("config"))
    if registered is not None and registered != name:
        shown = f"{shown} ({registered})"
    return module if module is None or isinstance(module, str) else str(module), shown


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    for member in archive.infolist():
        is_weights = member.filename == WEIGHTS
        largest = _LARGEST_EXPANSION * member.compress_size
        if member.file_size > largest or (member.file_size > metadata.LARGEST and not is_weights):
            raise _bomb(path, member.filename, member.file_size, member.compress_size)


def _check_weights(archive: zipfile.ZipFile, path: Path) -> int:
    """See that the arrays of the weights are as large as the file that holds them.

    Returns:
        How many numbers they are.
    """
    import h5py

    stored = archive.getinfo(WEIGHTS).file_size
    declared = num_weights = 0

    def add(name: str, node: Any) -> None:
        nonlocal declared, num_weights
        if isinstance(node, h5py.Dataset) and node.shape is not None:
            declared += node.size * node.dtype.itemsize
            num_weights += node.size

    with archive.open(WEIGHTS) as member, h5py.File(member) as weights:
        weights.visititems(add)
    if declared > stored:  # Keras compresses none of them
        raise _bomb(path, WEIGHTS, declared, stored)
    return num_weights


def _bomb(path: Path, name: str, unpacked: int, packed: int) -> ArtifactError:
    return ArtifactError(
        f"{path} holds {packed:,} bytes of {name} that unpack to {unpacked:,}; no model of dlcli "
        "does.",
        TRUST,
    )
