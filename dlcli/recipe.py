"""The recipe: what is trained on what, and how.

A recipe is YAML with five sections. `load` reads it strictly, applies
overrides and returns it with every default written out; `dump` writes it back.
The keys of `model:` are the keyword arguments of the family's `build`.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import textwrap
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_type_hints

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from dlcli import catalog, recipe_keys, recipe_problems, yaml_source
from dlcli.errors import RecipeError, UsageError


class Section(BaseModel):
    """A part of a recipe: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ImageData(Section):
    """Where images come from and how they are split."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, or the path of a folder with one subfolder a class "
        "(train/, val/ and test/ folders around them are understood).",
    )
    validation_fraction: float = Field(
        default=0.1, gt=0, lt=1, description="Share of the train split held out when none is given."
    )
    test_fraction: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="Share of all examples held out when no test split is given.",
    )
    split_seed: int = Field(
        default=0,
        ge=0,
        description="Seed of the splits; apart from training.seed, so that seeds compare.",
    )
    on_bad_file: Literal["skip", "fail"] = Field(
        default="skip", description="What to do with a file that is not a readable image."
    )


class ImagePreprocessing(Section):
    """How an image becomes numbers; part of the trained model."""

    image_size: tuple[
        Annotated[int, Field(ge=1, le=4096)], Annotated[int, Field(ge=1, le=4096)]
    ] = Field(
        default=(128, 128), description="Height and width in pixels that images are resized to."
    )
    color_mode: Literal["rgb", "grayscale"] = Field(
        default="rgb", description="Channels of the image."
    )
    resize: Literal["stretch", "crop", "pad"] = Field(
        default="stretch",
        description="How another aspect ratio is met: stretch it, crop its centre, or pad it.",
    )
    scaling: Literal["unit", "standard"] = Field(
        default="unit",
        description="'unit' divides by 255; 'standard' gives each channel mean 0 and "
        "variance 1 over the train split.",
    )


class ImageAugmentation(Section):
    """Random changes of training images; never applied to validation or test."""

    horizontal_flip: bool = Field(default=False, description="Mirror half of the images.")
    shift: float = Field(
        default=0.0, ge=0, lt=1, description="Largest shift, as a share of the image size."
    )
    rotation: float = Field(default=0.0, ge=0, le=180, description="Largest rotation, in degrees.")
    zoom: float = Field(default=0.0, ge=0, lt=1, description="Largest change of scale, as a share.")
    brightness: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Largest change of brightness, as a share of the full range.",
    )
    contrast: float = Field(
        default=0.0, ge=0, lt=1, description="Largest change of contrast, as a share."
    )


class Training(Section):
    """How the weights are found."""

    epochs: int = Field(default=10, ge=1, description="Passes over the train split.")
    batch_size: int = Field(default=64, ge=1, description="Examples a step.")
    optimizer: Literal[
        "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "rmsprop", "sgd", "lion"
    ] = Field(default="adam", description="Keras optimizer.")
    learning_rate: float = Field(
        default=1e-3, gt=0, description="Learning rate, the peak of its schedule."
    )
    momentum: float = Field(default=0.0, ge=0, lt=1, description="Momentum, for sgd and rmsprop.")
    weight_decay: float = Field(
        default=0.0, ge=0, description="Decoupled weight decay a step, times the learning rate."
    )
    gradient_clip_norm: float | None = Field(
        default=None, gt=0, description="Scale all gradients down to this joint norm."
    )
    schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        default="constant",
        description="'cosine' falls to 0 by the last step; 'one-cycle' rises over the first "
        "three tenths and then falls to 0 (Smith and Topin, 2018).",
    )
    warmup_epochs: float = Field(
        default=0.0,
        ge=0,
        description="Epochs in which the learning rate rises from 0 ('one-cycle' has its own).",
    )
    early_stopping_epochs: int | None = Field(
        default=None,
        ge=1,
        description="Stop after this many epochs without a better validation result.",
    )
    max_minutes: float | None = Field(
        default=None, gt=0, description="Stop training after this time."
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32",
        description="Keras dtype policy while training; what is saved is float32.",
    )
    checkpoint_minutes: float = Field(
        default=5.0,
        gt=0,
        description="Minutes between checkpoints inside an epoch; each epoch ends with one.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed of weights, order, dropout, augmentation."
    )


class Model(Section):
    """The network: a family and the arguments of its `build`."""

    family: str = Field(description="Kind of network; each has keys of its own.")

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of the family's `build`."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "family"}


class Recipe(Section):
    """A validated recipe with every default written out."""

    task: str = Field(description="What the model is to do.")
    data: ImageData = ImageData()
    preprocessing: ImagePreprocessing = ImagePreprocessing()
    augmentation: ImageAugmentation = ImageAugmentation()
    model: Model
    training: Training = Training()


# task -> the kind of input that its families take. The sections of a kind stand
# in `Recipe`, as long as there is one kind; another kind brings its own.
TASK_INPUTS = {"image-classification": "image"}


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
            f"{origin} holds {recipe_problems.described(values)}, not the sections of a recipe.",
            "Start from a shipped one: dlcli recipes copy digits-cnn my.yaml",
        )
    places = recipe_problems.Places(origin, source.lines)
    if isinstance(values.get("data"), dict):
        _make_source_absolute(values["data"], path.parent)
    for override in overrides or []:
        _apply(override, values, places)
    return _validate(values, places)


def from_values(values: Any, origin: str) -> Recipe:
    """A recipe from plain values, such as those inside an artifact.

    Args:
        values: what `Recipe.model_dump(mode="json")` gave.
        origin: what to call it in an error.

    Raises:
        RecipeError: it was written by another version and does not fit this one.
    """
    if not isinstance(values, dict):
        raise RecipeError(f"{origin} is {recipe_problems.described(values)}, not a recipe.")
    return _validate(values, recipe_problems.Places(origin, {}))


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
    raise UsageError(
        f"unknown recipe '{name_or_path}'. Expected a path ending in .yaml, or one of: "
        f"{', '.join(names)}.{catalog.did_you_mean(name_or_path, names)}",
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
        overwrite: whether a file that exists is replaced.

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
    return pydantic.create_model(
        "Recipe",
        __base__=Recipe,
        task=(Literal[task], Field(description="What the model is to do.")),  # type: ignore[arg-type]
        model=(_model_type(family), ...),
    )


def families_for(task: str) -> list[str]:
    """Names of the families whose input fits the task."""
    return [
        name for name in catalog.family_names() if TASK_INPUTS[task] == _family(name).INPUT_KIND
    ]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every recipe, for editors."""
    types = [recipe_type(task, family) for task in TASK_INPUTS for family in families_for(task)]
    schema = pydantic.TypeAdapter(Union[tuple(types)]).json_schema()  # type: ignore[arg-type]  # noqa: UP007
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "dlcli recipe",
    }


def keys(task: str, family: str) -> list[recipe_keys.Key]:
    """Every key of the recipes for one task and one model family, in words."""
    return recipe_keys.describe(recipe_type(task, family).model_json_schema())


def dump(recipe: Recipe, comments: bool = False) -> str:
    """Write a recipe as YAML, every key in the order of the schema.

    Args:
        comments: whether lines above each key say what it is for and what it takes.
    """
    described = keys(recipe.task, recipe.model.family) if comments else []
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


def _comment(key: recipe_keys.Key | None, indent: str) -> list[str]:
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


def _family(name: str) -> Any:
    return importlib.import_module(f"dlcli.models.{name}")


@functools.cache
def _model_type(family: str) -> type[Model]:
    """The `model:` section of a family, from the signature of its `build`."""
    build = _family(family).build
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
    path = folder / os.path.expanduser(source)  # noqa: PTH111 - Path raises for an unknown user
    if "/" in source or os.path.exists(path):  # noqa: PTH110 - Path raises for a name too long
        data["source"] = os.path.abspath(path)  # noqa: PTH100 - a link stays the user's name


def _apply(override: str, values: dict[str, Any], places: recipe_problems.Places) -> None:
    key, equals, text = override.partition("=")
    *sections, last = key.split(".")
    if not equals or not all([*sections, last]):
        raise UsageError(
            f"'{override}' is not an override. Expected key=value, such as training.epochs=3."
        )
    try:
        value = yaml_source.read(text, f"the override '{override}'").value
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


def _validate(values: dict[str, Any], places: recipe_problems.Places) -> Recipe:
    # A section whose keys are all commented out reads as null: it keeps its defaults.
    checked = {key: value for key, value in values.items() if value is not None}
    problems: list[recipe_problems.Problem] = []
    task = checked.get("task")
    if not isinstance(task, str) or task not in TASK_INPUTS:
        problems.append(recipe_problems.unknown_choice("task", task, list(TASK_INPUTS), places))
        task = checked["task"] = next(iter(TASK_INPUTS))
    families = families_for(task)
    family = families[0]
    model = checked.get("model", {})
    if isinstance(model, dict):
        if model.get("family") in families:
            family = model["family"]
        else:
            problems.append(
                recipe_problems.unknown_choice(
                    "model.family", model.get("family"), families, places
                )
            )
            # Which other keys it may have cannot be said without the family.
            checked["model"] = {"family": family}
    schema = recipe_type(task, family)
    try:
        # The JSON mode of strict validation knows the types that YAML has: lists, maps, scalars.
        recipe = schema.model_validate_json(json.dumps(checked))
    except pydantic.ValidationError as error:
        described = schema.model_json_schema()
        problems += [
            recipe_problems.invalid_value(item, described, places)
            for item in error.errors(include_url=False)
        ]
    if problems:
        problems.sort(key=lambda problem: places.line(problem.key))
        count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
        listed = "".join(f"\n  {problem.text}" for problem in problems)
        raise RecipeError(
            f"{places.origin} has {count}:{listed}",
            "Every key, what it takes and its default: dlcli recipes show digits-cnn --resolved",
            tuple(problem.text for problem in problems),
        )
    return recipe


def _shown(path: Path) -> str:
    """A recipe as the user would name it: a shipped one by its name, a file from here."""
    if path.parent == catalog.recipe_folder():
        return f"recipe {path.stem}"
    return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)
