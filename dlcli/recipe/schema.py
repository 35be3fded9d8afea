"""The recipe: what is trained on what, and how.

A recipe is YAML, its sections are described in `dlcli.recipe.sections`. `load` reads it
strictly, applies overrides and returns it with every default written out; `dump` writes it back.
The keys of `model:` are the keyword arguments of the family's `build`.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
import string
import textwrap
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_type_hints

import pydantic
from pydantic import Field

from dlcli import catalog, kinds
from dlcli.errors import RecipeError, UsageError
from dlcli.recipe import keys, problems, protocols, sections, yaml_source
from dlcli.recipe.sections import Section


class Model(Section):
    """The network: a family and the arguments of its `build`."""

    family: str = Field(description="Kind of network; each has keys of its own.")

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the family's `build`."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "family"}


class Recipe(Section):
    """A validated recipe with every default written out.

    Its sections are those of its task and its family: see `recipe_type`.
    """

    if TYPE_CHECKING:
        task: str
        data: Any
        preprocessing: Any
        augmentation: Any  # this one and the next of kinds that have them
        embedding: Any
        model: Model
        training: sections.Training


# Values that mean themselves in an override; "~" is YAML's null.
_MARKS = {" ", *string.punctuation} - {"~"}


def load(name_or_path: str, overrides: list[str] | None = None) -> Recipe:
    """Read a recipe, apply overrides and check the whole.

    Args:
        name_or_path: a shipped recipe's name, or the path of a YAML file.
        overrides: "dotted.key=value" strings, the value read as YAML; a later one wins.

    Raises:
        RecipeError: all problems at once, each with its key and place.
        UsageError: there is no such recipe, or an override is no key=value.
    """
    path = find(name_or_path)
    origin = _shown(path)
    source = yaml_source.read(_text(path, origin), origin)
    values = source.value
    if not isinstance(values, dict):
        raise RecipeError(
            f"{origin} holds {problems.described(values)}, not the sections of a recipe.",
            "Start from a shipped one: dlcli recipes copy digits-cnn my.yaml",
        )
    shipped = path.stem if path.parent == catalog.recipe_folder() else ""
    places = problems.Places(origin, source.lines, shipped)
    if isinstance(values.get("data"), dict):
        _make_source_absolute(values["data"], path.parent)
    for override in overrides or []:
        _apply(override, values, places)
    return _validate(values, places)


def changing(path: str, overrides: list[str]) -> list[str]:
    """The overrides of a resolved recipe that make it another one.

    Args:
        path: of a recipe in which nothing is open, such as that of a run.
        overrides: "dotted.key=value" strings; an "auto" is what was chosen or inferred.

    Returns:
        All but those that are auto, or none when all together change nothing.

    Raises:
        RecipeError: the recipe with the overrides is invalid.
        UsageError: an override is no key=value.
    """
    chosen = [
        override
        for override in overrides
        if not (override.startswith(("training.", "data.")) and override.endswith("=auto"))
    ]
    return chosen if load(path, chosen) != load(path) else []


def from_values(values: Any, origin: str, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe from plain values, such as those inside an artifact.

    Args:
        values: what `Recipe.model_dump(mode="json")` gave.

    Raises:
        RecipeError: it was written by another version and does not fit this one.
    """
    if not isinstance(values, dict):
        raise RecipeError(f"{origin} is {problems.described(values)}, not a recipe.")
    places = problems.Places(origin, {})
    if overrides:
        values = deepcopy(values)
    for override in overrides:
        _apply(override, values, places)
    return _validate(values, places)


def find(name_or_path: str) -> Path:
    """The file of a recipe.

    Raises:
        UsageError: neither a shipped recipe nor a file.
    """
    names = catalog.recipe_names()
    if name_or_path in names:
        return catalog.recipe_folder() / f"{name_or_path}.yaml"
    path = Path(os.path.expanduser(name_or_path))  # noqa: PTH111 - Path raises for an unknown user
    # os.path answers False where a Path raises, as for a name that is too long.
    if os.path.isfile(path):  # noqa: PTH113
        return path
    if name_or_path and os.path.isdir(path):  # noqa: PTH112
        raise UsageError(
            f"{name_or_path} is a folder. Expected a recipe: a YAML file, or one of: "
            f"{', '.join(names)}.",
            "Data is given with --data.",
        )
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        raise UsageError(
            f"there is no recipe file {name_or_path}.",
            "List the shipped recipes: dlcli recipes list",
        )
    expected = f" Expected a path ending in .yaml, or one of: {', '.join(names)}."
    raise UsageError(
        f"unknown recipe '{name_or_path}'.{catalog.did_you_mean(name_or_path, names) or expected}",
        "List the shipped recipes: dlcli recipes list",
    )


def read(name_or_path: str) -> str:
    """The text of a recipe as it is written.

    Raises:
        RecipeError: the file is not text.
        UsageError: there is no such recipe.
    """
    path = find(name_or_path)
    return _text(path, _shown(path))


def copy(name_or_path: str, target: Path, overwrite: bool = False) -> Path:
    """Copy a recipe with its comments into a file that trains the same.

    Args:
        name_or_path: a shipped recipe's name, or the path of a YAML file.
        target: the file to write, or the folder to write it into.

    Returns:
        The file written.

    Raises:
        RecipeError: the recipe has problems.
        UsageError: there is no such recipe, the file exists, cannot be written, or would
            mean other data there.
    """
    source = find(name_or_path)
    target = target / source.name if target.is_dir() else target
    if target.exists() and not overwrite:
        raise UsageError(
            f"{target} exists already.", "Choose another path, or replace it with --force."
        )
    recipe = load(name_or_path)
    text = read(name_or_path)
    data = yaml_source.read(text, _shown(source)).value.get("data") or {}
    _make_source_absolute(data, target.resolve().parent)
    if data.get("source") != recipe.data.source:
        raise UsageError(
            f"{_shown(source)} names its data relative to its own folder, so that a copy in "
            f"{target.parent} would train on something else.",
            "Write data.source as an absolute path first, or copy into the same folder.",
        )
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written: {error.strerror}.", "Choose another path."
        ) from None
    return target


@functools.cache
def recipe_type(task: str, family: str) -> type[Recipe]:
    """The pydantic model of recipes for one task and one model family."""
    kind: protocols.Sections = kinds.module("recipe.sections", kinds.for_task(task))
    fields: dict[str, Any] = {
        "task": (Literal[task], Field(description="What the model is to do.")),
        "data": (kind.Data, kind.Data()),
        "preprocessing": (kind.Preprocessing, kind.Preprocessing()),
    }
    optional = {"augmentation": kind.Augmentation, "embedding": kind.Embedding}
    fields |= {name: (section, section()) for name, section in optional.items() if section}
    fields["model"] = (_model_type(family), ...)
    fields["training"] = (sections.Training, sections.Training())
    return pydantic.create_model("Recipe", __base__=Recipe, **fields)


def families_for(task: str) -> list[str]:
    """Names of the families that take the task's kind of data and can have its output."""
    kind, output = kinds.tasks()[task]
    families: dict[str, protocols.Family] = {
        name: catalog.family(name) for name in catalog.family_names()
    }
    return [
        name
        for name, family in families.items()
        if kind.name in family.INPUT_KINDS and output.name in family.OUTPUTS
    ]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every recipe, for editors."""
    types = [recipe_type(task, family) for task in kinds.tasks() for family in families_for(task)]
    schema = pydantic.TypeAdapter(Union[tuple(types)]).json_schema()  # type: ignore[arg-type]  # noqa: UP007
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "dlcli recipe",
    }


def described_keys(task: str, family: str) -> list[keys.Key]:
    """Every key of the recipes for one task and one model family, in words."""
    return keys.describe(recipe_type(task, family).model_json_schema())


def flat(values: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Every value of a recipe's document, or of a part of it, with its dotted key."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            pairs += flat(value, f"{above}{name}.")
        else:
            pairs.append((f"{above}{name}", value))
    return pairs


def dump(recipe: Recipe, comments: bool = False) -> str:
    """Write a recipe as YAML, every key in the order of the schema.

    Args:
        comments: whether lines above each key say what it is for and what it takes.
    """
    described = described_keys(recipe.task, recipe.model.family) if comments else []
    above = {key.name: key for key in described}
    lines: list[str] = []
    for name, value in recipe:
        if isinstance(value, Section):
            lines += [""] * comments + [f"{name}:"]
            for key, inner in value:
                lines += [*_comment(above.get(f"{name}.{key}"), "  "), f"  {_line(key, inner)}"]
        else:
            lines += [*_comment(above.get(name), ""), _line(name, value)]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"{key}: {yaml_source.write(value)}"


def _comment(key: keys.Key | None, indent: str) -> list[str]:
    if key is None:
        return []
    sentences = [key.description]
    if key.default is not None:
        expected = key.expected[0].upper() + key.expected[1:]
        sentences.append(f"{expected}. Default: {key.default}.")
    start = f"{indent}# "
    return [
        line
        for sentence in sentences
        for line in textwrap.wrap(sentence, 79, initial_indent=start, subsequent_indent=start)
    ]


@functools.cache
def _model_type(family: str) -> type[Model]:
    """The `model:` section of a family, from the signature of its `build`."""
    build = catalog.family(family).build
    parameters = [
        p for p in inspect.signature(build).parameters.values() if p.kind is p.KEYWORD_ONLY
    ]
    # The tensors of the signature are named for people; only the keys are resolved.
    names = {parameter.name for parameter in parameters}
    annotations = {key: text for key, text in build.__annotations__.items() if key in names}
    holder = type("Keys", (), {"__annotations__": annotations, "__module__": build.__module__})
    hints = get_type_hints(holder, include_extras=True)
    fields: dict[str, Any] = {
        p.name: (hints[p.name], ... if p.default is p.empty else p.default) for p in parameters
    }
    fields["family"] = (
        Literal[family],
        Field(description="Kind of network; each has keys of its own."),
    )
    return pydantic.create_model(f"{family}_model", __base__=Model, **fields)


def _text(path: Path, origin: str) -> str:
    """The text of a recipe's file, or a RecipeError."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(yaml_source.MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise RecipeError(
            f"{origin} is not UTF-8 text (byte {error.start}). Expected a YAML file.",
            "If it is a recipe, save it as UTF-8.",
        ) from None
    except OSError as error:
        raise RecipeError(f"{origin} cannot be read: {error.strerror}.") from None


def _make_source_absolute(data: dict[str, Any], folder: Path) -> None:
    """Make `source` an absolute path where it is a path, relative ones starting at a folder.

    A built-in data set keeps its name even where a file has the same one: a recipe
    means the same in every folder, and `./digits` still names the file.
    """
    source = data.get("source")
    if not isinstance(source, str) or "\0" in source or source in catalog.built_in_sources():
        return
    if re.match(r"[a-z][a-z0-9+.-]+://", source):
        raise UsageError(
            f"data.source is the address {source}. Expected a path on this machine.",
            "Download it first.",
        )
    path = folder / os.path.expanduser(source)  # noqa: PTH111 - Path raises for an unknown user
    if "/" in source or os.path.exists(path):  # noqa: PTH110 - Path raises for a name too long
        data["source"] = os.path.abspath(path)  # noqa: PTH100 - a link stays the user's name


def _apply(override: str, values: dict[str, Any], places: problems.Places) -> None:
    key, equals, text = override.partition("=")
    *sections, last = key.split(".")
    if not equals or not all([*sections, last]):
        raise UsageError(
            f"'{override}' is not an override. Expected key=value, such as training.epochs=3."
        )
    try:
        # As YAML, data.decimal=, would have to be data.decimal='","', and "|" begins a text.
        value = (
            text if text in _MARKS else yaml_source.read(text, f"the override '{override}'").value
        )
    except RecipeError as error:
        raise RecipeError(
            error.message, "Quote the whole override in the shell: 'model.filters=[16, 32]'"
        ) from None
    target = values
    for section in sections:
        if target.get(section) is None:
            target[section] = {}
        target = target[section]
        if not isinstance(target, dict):
            raise UsageError(
                f"the override '{override}' goes into '{section}', which is a value, not a section."
            )
    target[last] = value
    places.override(key, override)
    if key == "data.source":
        _make_source_absolute(target, Path.cwd())


def _likeliest_task(values: dict[str, Any]) -> str:
    """The task to check a recipe as that names none: the nearest name, else by family and keys."""
    if nearest := catalog.similar(str(values.get("task")), list(kinds.tasks())):
        return nearest
    given = {
        f"{name}.{key}" for name, keys in values.items() if isinstance(keys, dict) for key in keys
    }
    model = values.get("model")
    family = model.get("family") if isinstance(model, dict) else None

    def known(task: str) -> tuple[bool, int]:
        families = families_for(task)
        described = described_keys(task, family if family in families else families[0])
        return family in families, len(given & {key.name for key in described})

    return max(kinds.tasks(), key=known)


def _validate(values: dict[str, Any], places: problems.Places) -> Recipe:
    # A section whose keys are all commented out reads as null: it keeps its defaults.
    checked = {key: value for key, value in values.items() if value is not None}
    found: list[problems.Problem] = []
    task = checked.get("task")
    if not isinstance(task, str) or task not in kinds.tasks():
        found.append(problems.unknown_choice("task", task, list(kinds.tasks()), places))
        task = checked["task"] = _likeliest_task(checked)
    families = families_for(task)
    family = families[0]
    model = checked.get("model", {})
    if isinstance(model, dict):
        if model.get("family") in families:
            family = model["family"]
        else:
            found.append(
                problems.unknown_choice("model.family", model.get("family"), families, places)
            )
            # Which other keys it may have cannot be said without the family.
            checked["model"] = {"family": family}
    schema = recipe_type(task, family)
    try:
        # The JSON mode of strict validation knows the types that YAML has: lists, maps, scalars.
        recipe = schema.model_validate_json(json.dumps(checked))
    except pydantic.ValidationError as error:
        described = schema.model_json_schema()
        found += [
            problems.invalid_value(item, described, places)
            for item in error.errors(include_url=False)
        ]
    if found:
        # A value that may be of several types is refused once for each.
        found = list(dict.fromkeys(found))
        found.sort(key=lambda problem: places.line(problem.key))
        count = f"{len(found)} problems" if len(found) > 1 else "1 problem"
        example = kinds.for_task(task).example_recipe
        raise RecipeError(
            f"{places.origin} has {count}:",
            "Every key, what it takes and its default: "
            f"dlcli recipes show {places.shipped or example} --resolved",
            tuple(problem.text for problem in found),
        )
    return recipe


def _shown(path: Path) -> str:
    """A recipe as the user would name it: a shipped one by its name, a file from here."""
    if path.parent == catalog.recipe_folder():
        return f"recipe {path.stem}"
    return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)
