"""The JSON files of a run, each read and checked: what is read elsewhere is what is expected.

A file may be cut off, edited by hand, or of another program. Each reader raises `DlcliError` with
the place in the file that does not fit; `or_empty` is for those who show what there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlcli import files
from dlcli.errors import DlcliError
from dlcli.runs.run_dir import RunDir

_LARGEST_JSON = 2**28  # bytes; with pictures in it, a file has some millions

PUT_BACK = "Put back the file as it was written, or train the run's recipe.yaml again."

# A check of a value; it raises `_Unfit`.
Check = Callable[[Any], None]


class _Unfit(Exception):
    """A value that is not what was expected, and where in the document it stands."""

    def __init__(self, found: Any, expected: str) -> None:
        super().__init__(expected)
        self.found, self.expected = found, expected
        self.place: list[str] = []


def read_json(path: Path) -> Any:
    """Read a JSON file of a run.

    Raises:
        DlcliError: the file is missing or damaged.
    """
    try:
        if path.is_dir():
            raise DlcliError(f"{path} cannot be read: it is no file.")
        if files.plain(path).stat().st_size > _LARGEST_JSON:
            raise DlcliError(
                f"{path} is damaged: it has {path.stat().st_size:,} bytes; at most "
                f"{_LARGEST_JSON:,} are read.",
                PUT_BACK,
            )
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DlcliError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        wrong = f"it is no UTF-8 text (byte {error.start})"
        raise DlcliError(f"{path} is damaged: {wrong}.", PUT_BACK) from None
    except (ValueError, RecursionError) as error:
        raise DlcliError(f"{path} is damaged: {error}.", PUT_BACK) from None


def metrics(run: RunDir) -> dict[str, Any]:
    """The document of `metrics.json`.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return _read_object(run.metrics, _metrics)


def environment(run: RunDir) -> dict[str, Any]:
    """The document of `environment.json`; every entry of it may be missing.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return _read_object(run.environment, _ENVIRONMENT)


def metadata(run: RunDir) -> dict[str, Any]:
    """The document of `metadata.json`, see `dlcli.artifacts.metadata`.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return _read_object(run.metadata, check_metadata)


def profile(run: RunDir) -> dict[str, Any]:
    """The document of `profile.json`.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return _read_object(run.profile, _Object())


def worst(path: Path) -> list[dict[str, Any]]:
    """The list of `predictions/worst.json`.

    Raises:
        DlcliError: it is missing or damaged.
    """
    found: list[dict[str, Any]] = _read(path, _WORST)
    return found


def export(path: Path) -> dict[str, Any]:
    """The document that stands beside an exported file.

    Raises:
        DlcliError: it is missing or damaged.
    """
    return _read_object(path, _EXPORT)


def or_empty(read: Callable[[RunDir], dict[str, Any]], run: RunDir) -> dict[str, Any]:
    """What a reader of this module gives, or {} where the file is missing or damaged."""
    try:
        return read(run)
    except DlcliError:
        return {}


def fitting(run: RunDir) -> tuple[dict[str, Any], dict[str, Any]]:
    """What there is of `metrics.json` and of `environment.json`; what does not fit is left out."""
    found = []
    for path, check in ((run.metrics, _METRICS), (run.environment, _ENVIRONMENT)):
        try:
            found.append(check.fitting(read_json(path)))
        except DlcliError:
            found.append({})
    test = found[0].get("test", {})
    if problem(test, _confusion):
        found[0]["test"] = {name: test[name] for name in test if not name.startswith("confusion")}
    return found[0], found[1]


def problem(value: Any, check: Check) -> str:
    """What is wrong with a document, in a sentence without its end, or ""."""
    try:
        check(value)
    except _Unfit as unfit:
        place = ".".join(reversed(unfit.place))
        what = f"'{place}'" if place else "it"
        return f"{what} is {_named(unfit.found)}. Expected {unfit.expected}"
    return ""


def _read(path: Path, check: Check) -> Any:
    value = read_json(path)
    if wrong := problem(value, check):
        raise DlcliError(f"{path} is damaged: {wrong}.", PUT_BACK)
    return value


def _read_object(path: Path, check: Check) -> dict[str, Any]:
    found: dict[str, Any] = _read(path, check)
    return found


def _named(value: Any) -> str:
    if value is _MISSING:
        return "missing"
    shown = json.dumps(value, ensure_ascii=False)
    return f"{shown[:57]}..." if len(shown) > 60 else shown


_MISSING = object()


def _of(expected: str, *types: type) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise _Unfit(value, expected)

    return check


_TEXT = _of("a text", str)
_NUMBER = _of("a number", int, float)
_FLAG = _of("true or false", bool)


def _anything(value: Any) -> None:
    pass


def _whole(value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _Unfit(value, "a whole number that is not negative")


def _place_of(num_classes: int) -> Check:
    def checked(value: Any) -> None:
        if value >= num_classes:
            raise _Unfit(value, f"the place of one of {num_classes} classes, from 0")

    return checked


def _maybe(check: Check) -> Check:
    """A check of what may be null."""
    return lambda value: None if value is None else check(value)


def _within(place: str, value: Any, check: Check) -> None:
    try:
        check(value)
    except _Unfit as unfit:
        unfit.place.append(place)
        raise


def _list(check: Check, length: int | None = None) -> Check:
    def checked(value: Any) -> None:
        if not isinstance(value, list) or (length is not None and len(value) != length):
            raise _Unfit(value, "a list" if length is None else f"a list of {length}")
        for place, each in enumerate(value):
            _within(str(place), each, check)

    return checked


@dataclass(frozen=True)
class _Object:
    """A check of an object.

    Args:
        required: checks of keys that it has.
        optional: of keys that may be missing.
        others: of all that it has more.
    """

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    others: Check = _anything

    def __call__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise _Unfit(value, "an object")
        for name in self.required:
            if name not in value:
                _within(name, _MISSING, self.required[name])
        for name, each in value.items():
            _within(name, each, self._of(name))

    def fitting(self, value: Any) -> dict[str, Any]:
        """The entries of a document that are as expected."""
        found = {}
        for name, each in value.items() if isinstance(value, dict) else ():
            check = self._of(name)
            if isinstance(check, _Object):
                found[name] = check.fitting(each)
            elif not problem(each, check):
                found[name] = each
        return found

    def _of(self, name: str) -> Check:
        return self.required.get(name) or self.optional.get(name) or self.others


def _one_of(*values: str) -> Check:
    def checked(value: Any) -> None:
        if value not in values:
            raise _Unfit(value, f"one of {', '.join(values)}")

    return checked


_FIGURE = _maybe(_NUMBER)
_TEST = _Object(
    {"examples": _whole},
    {
        "per_class": _list(
            _Object(
                {
                    "class": _TEXT,
                    "precision": _FIGURE,
                    "recall": _FIGURE,
                    "f1": _FIGURE,
                    "examples": _whole,
                }
            )
        ),
        "confusion": _list(_list(_whole)),
        "confusion_counts": _list(_list(_whole, 3)),
        "per_target": _list(_Object({"target": _TEXT}, others=_FIGURE)),
        "per_step": _list(_FIGURE),
    },
    others=_FIGURE,
)
_VERDICT = _Object(
    {
        "outcome": _one_of("better", "level", "worse"),
        "difference": _FIGURE,
        "interval": _maybe(_list(_NUMBER, 2)),
    }
)
_METRICS = _Object(
    {
        "test": _TEST,
        "validation": _Object(others=_FIGURE),
        "baselines": _list(_Object({"name": _TEXT}, others=_FIGURE)),
        "monitor": _TEXT,
        "best_epoch": _whole,
        "epochs": _whole,
    },
    {
        "verdict": lambda value: None if value == {} else _maybe(_VERDICT)(value),
        "chosen_by": _maybe(
            _Object({}, {"metric": _TEXT, "validation": _FIGURE, "higher_is_better": _FLAG})
        ),
        "refit": _maybe(_Object({}, {"epochs": _whole, "examples": _whole})),
        "training_seconds": _NUMBER,
    },
)


def _confusion(test: dict[str, Any]) -> None:
    """See that what is counted of mistakes is of the classes that there are."""
    num_classes = len(test.get("per_class", []))
    if "confusion_counts" in test:
        for place, cell in enumerate(test["confusion_counts"]):
            _within(f"confusion_counts.{place}", max(cell[:2]), _place_of(num_classes))
    elif "confusion" in test:
        _within("confusion", test["confusion"], _list(_list(_whole, num_classes), num_classes))


def _metrics(value: Any) -> None:
    _METRICS(value)
    test, monitor = value["test"], value["monitor"]
    if not isinstance(test.get(monitor), float):
        raise _Unfit(monitor, "the name of a metric of 'test' with its value, such as 0.5")
    _within("test", test, _confusion)
    for place, baseline in enumerate(value["baselines"]):
        if value.get("verdict") and baseline["name"] == value["verdict"].get("baseline"):
            _within(f"baselines.{place}.{monitor}", baseline.get(monitor, _MISSING), _NUMBER)


_ENVIRONMENT = _Object(
    optional={
        **dict.fromkeys(
            ("dlcli", "python", "tensorflow", "keras", "numpy", "pillow", "platform", "device"),
            _TEXT,
        ),
        "cpu_features": _list(_TEXT),
        "intra_op_threads": _maybe(_whole),
        "variables": _Object(),
        "argv": _maybe(_list(_TEXT)),
        "created": _TEXT,
        "git_commit": _maybe(_TEXT),
        "devices": _whole,
        "workers": _whole,
        "recipe": _TEXT,
        "task": _TEXT,
        "seed": _whole,
        "parameters": _whole,
        "changes": _list(_Object({"step": _whole}, {"created": _TEXT, "changed": _list(_TEXT)})),
        "data": _Object(
            optional={
                "source": _maybe(_TEXT),
                "fingerprint": _TEXT,
                "examples": _Object(others=_whole),
                "bad_files": _list(_anything),
            }
        ),
    }
)

_COLUMN = _Object({"name": _TEXT, "key": _TEXT, "kind": _TEXT, "categories": _list(_TEXT)})
_SCALED = _list(_Object({"name": _TEXT, "mean": _NUMBER, "std": _NUMBER}))
_AFFINE = _list(_Object({"name": _TEXT, "offset": _NUMBER, "scale": _NUMBER}))
_TRAINING = _Object(
    {
        "optimizer": _TEXT,
        "learning_rate": _NUMBER,
        "schedule": _TEXT,
        "batch_size": _whole,
        "seed": _whole,
    }
)
_INPUT = _Object(
    {"kind": _TEXT}, {"shape": _list(_maybe(_whole)), "name": _TEXT, "columns": _list(_COLUMN)}
)
_METADATA = _Object(
    {
        "task": _TEXT,
        "input": _INPUT,
        "class_names": _list(_TEXT),
        "target": _TEXT,
    },
    {
        "recipe_name": _TEXT,
        "recipe": _Object(),
        "forecast": _Object({"columns": _SCALED, "targets": _SCALED, "horizon": _whole}),
        "affine": _Object(optional={"inputs": _AFFINE, "outputs": _AFFINE}),
    },
)


_TRAINED = _Object(
    {
        "recipe_name": _TEXT,
        "recipe": _Object({"model": _Object({"family": _TEXT}), "training": _TRAINING}),
    }
)


def check_metadata(value: Any) -> None:
    """See that the metadata of a run has what all of it is read for."""
    check_model(value)
    _TRAINED(value)


def check_model(value: Any) -> None:
    """See that the metadata of a model has what its answers are made of.

    It does without `dlcli.recipe.sections`, which take longer to import than an answer takes.
    """
    from dlcli import kinds

    _METADATA(value)
    form = value["input"]
    _within("task", value["task"], _one_of(*kinds.tasks()))
    kind, output = kinds.tasks()[value["task"]]
    _within("input.kind", form["kind"], _one_of(kind.stored_name))
    for name in kind.input_metadata:
        _within(f"input.{name}", form.get(name, _MISSING), _INPUT.optional[name])
    for name in output.metadata:
        _within(name, value.get(name, _MISSING), _METADATA.optional[name])
    if output.has_classes and not value["class_names"]:
        raise _Unfit([], "the names of classes in 'class_names'")
    _made(value)


def _made(value: dict[str, Any]) -> None:
    """See that the parts of a model's metadata can be made of their entries."""
    if "forecast" in value:
        from dlcli.inputs import forecasts

        _within("forecast", value["forecast"], _makes(forecasts.from_metadata))
    if "affine" in value:
        from dlcli.inputs import affine

        _within("affine", value, _makes(affine.from_metadata))
    if "columns" in value["input"]:
        from dlcli.inputs import columns

        _within("input.columns", value["input"]["columns"], _makes(columns.from_metadata))


def _makes(make: Callable[[Any], Any]) -> Check:
    def checked(value: Any) -> None:
        try:
            make(value)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            raise _Unfit(value, "what dlcli wrote there") from None

    return checked


_WORST = _list(
    _Object(
        {"position": _whole, "name": _TEXT},
        {
            "picture": _TEXT,
            "row": _Object(),
            "text": _TEXT,
            "next": _list(_TEXT),
            "history": _list(_list(_FIGURE)),
        },
    )
)
_EXPORT = _Object(
    {
        "bytes": _whole,
        "parity": _Object(
            {"metric": _TEXT, "before": _FIGURE, "after": _FIGURE, "max_difference": _NUMBER}
        ),
    }
)
