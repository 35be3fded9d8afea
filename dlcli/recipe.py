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
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_type_hints

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from dlcli import catalog, yaml_source
from dlcli.errors import RecipeError, UsageError


class Section(BaseModel):
    """A part of a recipe: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ImageData(Section):
    """Where images come from and how they are split."""

    source: str | None = Field(
        None,
        description="A built-in data set, or the path of a folder with one subfolder a class "
        "(train/, val/ and test/ folders around them are understood).",
    )
    validation_fraction: float = Field(
        0.1, gt=0, lt=1, description="Share of the train split held out when none is given."
    )
    test_fraction: float = Field(
        0.2, gt=0, lt=1, description="Share of all examples held out when no test split is given."
    )
    split_seed: int = Field(
        0, ge=0, description="Seed of the splits; apart from training.seed, so that seeds compare."
    )
    on_bad_file: Literal["skip", "fail"] = Field(
        "skip", description="What to do with a file that is not a readable image."
    )


class ImagePreprocessing(Section):
    """How an image becomes numbers; part of the trained model."""

    image_size: tuple[Annotated[int, Field(ge=1, le=4096)], Annotated[int, Field(ge=1, le=4096)]] = Field(
        (128, 128), description="Height and width in pixels that images are resized to."
    )
    color_mode: Literal["rgb", "grayscale"] = Field("rgb", description="Channels of the image.")
    resize: Literal["stretch", "crop", "pad"] = Field(
        "stretch",
        description="How another aspect ratio is met: stretch the image, crop its centre, or pad it.",
    )
    scaling: Literal["unit", "standard"] = Field(
        "unit",
        description="'unit' divides by 255; 'standard' gives each channel mean 0 and "
        "variance 1 over the train split.",
    )


class ImageAugmentation(Section):
    """Random changes of training images; never applied to validation or test."""

    horizontal_flip: bool = Field(False, description="Mirror half of the images.")
    shift: float = Field(0.0, ge=0, lt=1, description="Largest shift, as a share of the image size.")
    rotation: float = Field(0.0, ge=0, le=180, description="Largest rotation, in degrees.")
    zoom: float = Field(0.0, ge=0, lt=1, description="Largest change of scale, as a share.")
    brightness: float = Field(
        0.0, ge=0, le=1, description="Largest change of brightness, as a share of the full range."
    )
    contrast: float = Field(0.0, ge=0, lt=1, description="Largest change of contrast, as a share.")


class Training(Section):
    """How the weights are found."""

    epochs: int = Field(10, ge=1, description="Passes over the train split.")
    batch_size: int = Field(64, ge=1, description="Examples a step.")
    optimizer: Literal[
        "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "rmsprop", "sgd", "lion"
    ] = Field("adam", description="Keras optimizer.")
    learning_rate: float = Field(1e-3, gt=0, description="Learning rate, the peak of its schedule.")
    momentum: float = Field(0.0, ge=0, lt=1, description="Momentum, for sgd and rmsprop.")
    weight_decay: float = Field(
        0.0, ge=0, description="Decoupled weight decay a step, times the learning rate."
    )
    gradient_clip_norm: float | None = Field(
        None, gt=0, description="Scale all gradients down to this joint norm."
    )
    schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        "constant",
        description="'cosine' falls to 0 by the last step; 'one-cycle' rises over the first "
        "three tenths and then falls to 0 (Smith and Topin, 2018).",
    )
    warmup_epochs: float = Field(
        0.0, ge=0, description="Epochs in which the learning rate rises from 0 ('one-cycle' has its own)."
    )
    early_stopping_epochs: int | None = Field(
        None, ge=1, description="Stop after this many epochs without a better validation result."
    )
    max_minutes: float | None = Field(None, gt=0, description="Stop training after this time.")
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        "float32", description="Keras dtype policy while training; what is saved is float32."
    )
    checkpoint_minutes: float = Field(
        5.0, gt=0, description="Minutes between checkpoints inside an epoch; each epoch ends with one."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of weights, order, dropout, augmentation.")


class Model(Section):
    """The network: a family and the arguments of its `build`."""

    family: str = Field(description="Model family: a file of dlcli/models.")

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
        overrides: "dotted.key=value" strings, the value read as YAML.

    Raises:
        RecipeError: all problems at once, each with its key and place.
        UsageError: there is no such recipe, or an override has no "=".
    """
    path = find(name_or_path)
    origin = _shown(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{origin} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from None
    except OSError as error:
        raise RecipeError(f"{origin} cannot be read: {error.strerror}.") from None
    source = yaml_source.read(text, origin)
    values = source.value
    if not isinstance(values, dict):
        raise RecipeError(
            f"{origin} holds {_described(values)}, not the sections of a recipe.",
            "Start from a shipped one: dlcli recipes copy digits-cnn my.yaml",
        )
    _resolve_source(values, path.parent)
    places = {key: f"{origin} line {line}" for key, line in source.lines.items()}
    for override in overrides or []:
        _apply(override, values, places)
    return _validate(values, places, origin)


def find(name_or_path: str) -> Path:
    """The file of a recipe.

    Raises:
        UsageError: neither a shipped recipe nor a file.
    """
    path = Path(name_or_path).expanduser()
    if name_or_path in catalog.recipe_names():
        return catalog.recipe_folder() / f"{name_or_path}.yaml"
    if path.is_file():
        return path
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        raise UsageError(f"there is no recipe file {name_or_path}.", "List the shipped recipes: dlcli recipes list")
    names = catalog.recipe_names()
    raise UsageError(
        f"unknown recipe '{name_or_path}'. Expected a path ending in .yaml, or one of: "
        f"{', '.join(names)}.{catalog.did_you_mean(name_or_path, names)}",
        "List the shipped recipes: dlcli recipes list",
    )


@functools.cache
def recipe_type(task: str, family: str) -> type[Recipe]:
    """The pydantic model of recipes for one task and one model family."""
    return pydantic.create_model(
        "Recipe",
        __base__=Recipe,
        task=(Literal[task], Field(description="What the model is to do.")),  # type: ignore[valid-type]
        model=(_model_type(family), ...),
    )


def families_for(task: str) -> list[str]:
    """Names of the families whose input fits the task."""
    return [name for name in catalog.family_names() if _family(name).INPUT_KIND == TASK_INPUTS[task]]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every recipe, for editors."""
    types = [recipe_type(task, family) for task in TASK_INPUTS for family in families_for(task)]
    schema = pydantic.TypeAdapter(Union[tuple(types)]).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dlcli recipe",
        **schema,
    }


def dump(recipe: Recipe, comments: bool = False) -> str:
    """Write a recipe as YAML, every key in the order of the schema.

    Args:
        comments: whether each key is followed by its description.
    """
    lines: list[str] = []
    for name, field in type(recipe).model_fields.items():
        value = getattr(recipe, name)
        if not isinstance(value, Section):
            lines.append(f"{name}: {_yaml(value)}")
            continue
        lines.append(f"{name}:")
        for key, field in type(value).model_fields.items():
            line = f"  {key}: {_yaml(getattr(value, key))}"
            if comments and field.description:
                line = f"{line:<40}  # {field.description}"
            lines.append(line)
    return "\n".join(lines) + "\n"


def dotted_keys() -> dict[str, str]:
    """Every dotted key of any recipe, with its description."""
    keys: dict[str, str] = {}
    for task in TASK_INPUTS:
        for family in families_for(task):
            for name, field in recipe_type(task, family).model_fields.items():
                section = field.annotation
                if inspect.isclass(section) and issubclass(section, Section):
                    for key, inner in section.model_fields.items():
                        keys[f"{name}.{key}"] = inner.description or ""
                else:
                    keys[name] = field.description or ""
    return keys


def _family(name: str) -> Any:
    return importlib.import_module(f"dlcli.models.{name}")


@functools.cache
def _model_type(family: str) -> type[Model]:
    """The `model:` section of a family, from the signature of its `build`."""
    build = _family(family).build
    parameters = [p for p in inspect.signature(build).parameters.values() if p.kind is p.KEYWORD_ONLY]
    # The tensors of the signature are named for people; only the keys are resolved.
    names = {parameter.name for parameter in parameters}
    annotations = {key: text for key, text in build.__annotations__.items() if key in names}
    holder = type("Keys", (), {"__annotations__": annotations, "__module__": build.__module__})
    hints = get_type_hints(holder, include_extras=True)
    fields: dict[str, Any] = {
        p.name: (hints[p.name], ... if p.default is p.empty else p.default) for p in parameters
    }
    fields["family"] = (Literal[family], Field(description="Model family: a file of dlcli/models."))
    return pydantic.create_model(f"{family}_model", __base__=Model, **fields)


def _resolve_source(values: dict[str, Any], folder: Path) -> None:
    """Make a relative path in a recipe's file absolute: it is relative to that file."""
    data = values.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    if isinstance(source, str) and ("/" in source or (folder / source).exists()):
        data["source"] = str((folder / Path(source).expanduser()).resolve())


def _apply(override: str, values: dict[str, Any], places: dict[str, str]) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise UsageError(
            f"'{override}' is not an override. Expected key=value, such as training.epochs=3."
        )
    value = yaml_source.read(text, f"the override '{override}'").value
    if key == "data.source" and isinstance(value, str) and ("/" in value or Path(value).exists()):
        value = str(Path(value).expanduser().resolve())
    *sections, last = key.split(".")
    target = values
    for section in sections:
        if target.get(section) is None:
            target[section] = {}
        target = target[section]
        if not isinstance(target, dict):
            raise UsageError(f"'{override}' goes into '{section}', which is a value and not a section.")
    target[last] = value
    places[key] = f"the override {override}"


def _validate(values: dict[str, Any], places: dict[str, str], origin: str) -> Recipe:
    problems: list[str] = []
    task = values.get("task")
    if task not in TASK_INPUTS:
        problems.append(_choice_problem("task", task, list(TASK_INPUTS), places, origin))
        task = next(iter(TASK_INPUTS))
    model = values.get("model")
    family = model.get("family") if isinstance(model, dict) else None
    families = families_for(task)
    known = family in families
    if not known:
        if isinstance(model, dict) or model is None:
            problems.append(_choice_problem("model.family", family, families, places, origin))
        family = families[0]
    # Literal fields of a wrong task or family were reported above, with a suggestion.
    checked = {**values, "task": task}
    if not known:
        checked["model"] = {"family": family} if isinstance(model, dict) or model is None else model
    schema = recipe_type(task, family)
    try:
        # The JSON mode of strict validation is what YAML's types are: lists, maps, scalars.
        recipe = schema.model_validate_json(json.dumps(checked, default=str))
    except pydantic.ValidationError as error:
        problems += [_problem(item, schema, places, origin) for item in error.errors(include_url=False)]
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise RecipeError(
            f"{origin} has {count}:\n{listed}", "Every key and its default: dlcli recipes schema"
        )
    return recipe


def _choice_problem(
    key: str, value: Any, choices: list[str], places: dict[str, str], origin: str
) -> str:
    expected = f"Expected one of: {', '.join(choices)}."
    if value is None:
        return f"{key} is missing ({places.get(key, origin)}). {expected}"
    hint = catalog.did_you_mean(str(value), choices)
    return f"{key}: unknown {key.rpartition('.')[2]} {value!r} ({places.get(key, origin)}). {expected}{hint}"


_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text (quote it if it looks like a number)",
    "tuple_type": "a list, such as [32, 64]",
    "list_type": "a list, such as [32, 64]",
    "model_type": "a section with keys of its own",
    "model_attributes_type": "a section with keys of its own",
    "dict_type": "a section with keys of its own",
    "finite_number": "a finite number",
}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _problem(error: Any, schema: type[Section], places: dict[str, str], origin: str) -> str:
    """One pydantic error as a sentence with its dotted key and place."""
    key = ""
    for part in error["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    place = places.get(key) or places.get(key.rpartition("[")[0]) or origin
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], schema, place)
    if kind == "missing":
        return f"{key} is missing ({place})."
    if kind == "literal_error":
        choices = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        expected = f"one of: {', '.join(choices)}"
        hint = catalog.did_you_mean(str(value), choices)
    else:
        bound = next((f"{words} {context[name]}" for name, words in _BOUNDS.items() if name in context), "")
        expected = _EXPECTED.get(kind) or bound or error["msg"]
        hint = ""
    return f"{key}: received {_described(value)} ({place}). Expected {expected}.{hint}"


def _unknown_key(loc: tuple[Any, ...], schema: type[Section], place: str) -> str:
    *parents, name = (str(part) for part in loc)
    fields = schema.model_fields
    for parent in parents:
        annotation = fields[parent].annotation
        fields = annotation.model_fields if annotation else {}  # type: ignore[attr-defined]
    where = f"a key of {'.'.join(parents)}" if parents else "a section of a recipe"
    close = catalog.similar(name, list(fields))
    if close:
        field = fields[close]
        default = "" if field.is_required() else f" (default {_yaml(_plain(field.default))})"
        return f"'{name}' is not {where} ({place}). Similar: {close}{default}."
    return f"'{name}' is not {where} ({place}). Expected one of: {', '.join(fields)}."


def _described(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list" if len(value) > 8 else f"the list {json.dumps(value, default=str)}"
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else "{...}" if isinstance(value, Section) else value


def _yaml(value: Any) -> str:
    """A scalar or a list on one line of YAML, read back equal by `yaml_source`."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    # JSON is YAML; only strings that need no quotes are written without them.
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalnum():
        try:
            if yaml_source.read(value, "value").value == value:
                return value
        except RecipeError:
            pass
    return json.dumps(value, ensure_ascii=False)


def _shown(path: Path) -> str:
    """A path as the user would write it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
