"""The JSON files of a run, each read and checked: what is read elsewhere is what is expected.

A file may be cut off, edited by hand, or of another program. Each reader raises `DlcliError` with
the place in the file that does not fit; `or_empty` is for those who show what there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli import files
from dlcli.errors import DlcliError
from dlcli.json_checks import (
    FIGURE,
    FLAG,
    MISSING,
    NUMBER,
    TEXT,
    Check,
    Object,
    Unfit,
    anything,
    list_of,
    maybe,
    one_of,
    place_of,
    problem,
    whole,
    within,
)
from dlcli.runs.run_dir import RunDir

_LARGEST_JSON = 2**28  # bytes; with pictures in it, a file has some millions

PUT_BACK = "Put back the file as it was written, or train the run's recipe.yaml again."


def read_json(path: Path) -> Any:
    """Read a JSON file of a run."""
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
    """The document of `metrics.json`."""
    return read_object(run.metrics, _metrics)


def environment(run: RunDir) -> dict[str, Any]:
    """The document of `environment.json`; every entry of it may be missing."""
    return read_object(run.environment, _ENVIRONMENT)


def profile(run: RunDir) -> dict[str, Any]:
    """The document of `profile.json`."""
    return read_object(run.profile, Object())


def worst(path: Path) -> list[dict[str, Any]]:
    """The list of `predictions/worst.json`."""
    found: list[dict[str, Any]] = _read(path, _WORST)
    return found


def export(path: Path) -> dict[str, Any]:
    """The document that stands beside an exported file."""
    return read_object(path, _EXPORT)


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


def _read(path: Path, check: Check) -> Any:
    value = read_json(path)
    if wrong := problem(value, check):
        raise DlcliError(f"{path} is damaged: {wrong}.", PUT_BACK)
    return value


def read_object(path: Path, check: Check) -> dict[str, Any]:
    """Read a JSON object of a run, and check it."""
    found: dict[str, Any] = _read(path, check)
    return found


_TEST = Object(
    {"examples": whole},
    {
        "per_class": list_of(
            Object(
                {
                    "class": TEXT,
                    "precision": FIGURE,
                    "recall": FIGURE,
                    "f1": FIGURE,
                    "examples": whole,
                },
                others=FIGURE,
            )
        ),
        "confusion": list_of(list_of(whole)),
        "confusion_counts": list_of(list_of(whole, 3)),
        "per_target": list_of(Object({"target": TEXT}, others=FIGURE)),
        "per_step": list_of(FIGURE),
    },
    others=FIGURE,
)
_VERDICT = Object(
    {
        "outcome": one_of("better", "level", "worse"),
        "difference": FIGURE,
        "interval": maybe(list_of(NUMBER, 2)),
    }
)
_METRICS = Object(
    {
        "test": _TEST,
        "validation": Object(others=FIGURE),
        "baselines": list_of(Object({"name": TEXT}, others=FIGURE)),
        "monitor": TEXT,
        "best_epoch": whole,
        "epochs": whole,
    },
    {
        "verdict": lambda value: None if value == {} else maybe(_VERDICT)(value),
        "chosen_by": maybe(
            Object({}, {"metric": TEXT, "validation": FIGURE, "higher_is_better": FLAG})
        ),
        "refit": maybe(Object({}, {"epochs": whole, "examples": whole})),
        "training_seconds": NUMBER,
    },
)


def _confusion(test: dict[str, Any]) -> None:
    """See that what is counted of mistakes is of the classes that there are."""
    num_classes = len(test.get("per_class", []))
    if "confusion_counts" in test:
        for place, cell in enumerate(test["confusion_counts"]):
            within(f"confusion_counts.{place}", max(cell[:2]), place_of(num_classes))
    elif "confusion" in test:
        within("confusion", test["confusion"], list_of(list_of(whole, num_classes), num_classes))


def _metrics(value: Any) -> None:
    _METRICS(value)
    test, monitor = value["test"], value["monitor"]
    if not isinstance(test.get(monitor), float):
        raise Unfit(monitor, "the name of a metric of 'test' with its value, such as 0.5")
    within("test", test, _confusion)
    for place, baseline in enumerate(value["baselines"]):
        if value.get("verdict") and baseline["name"] == value["verdict"].get("baseline"):
            within(f"baselines.{place}.{monitor}", baseline.get(monitor, MISSING), NUMBER)


_ENVIRONMENT = Object(
    optional={
        **dict.fromkeys(
            ("dlcli", "python", "tensorflow", "keras", "numpy", "pillow", "platform", "device"),
            TEXT,
        ),
        "cpu_features": list_of(TEXT),
        "intra_op_threads": maybe(whole),
        "variables": Object(),
        "argv": maybe(list_of(TEXT)),
        "created": TEXT,
        "git_commit": maybe(TEXT),
        "devices": whole,
        "workers": whole,
        "recipe": TEXT,
        "task": TEXT,
        "seed": whole,
        "parameters": whole,
        "changes": list_of(Object({"step": whole}, {"created": TEXT, "changed": list_of(TEXT)})),
        "data": Object(
            optional={
                "source": maybe(TEXT),
                "fingerprint": TEXT,
                "examples": Object(others=whole),
                "bad_files": list_of(anything),
            }
        ),
    }
)

_WORST = list_of(
    Object(
        {"position": whole, "name": TEXT},
        {
            "picture": TEXT,
            "row": Object(),
            "text": TEXT,
            "next": list_of(TEXT),
            "history": list_of(list_of(FIGURE)),
        },
    )
)
_EXPORT = Object(
    {
        "bytes": whole,
        "parity": Object(
            {"metric": TEXT, "before": FIGURE, "after": FIGURE, "max_difference": NUMBER}
        ),
    }
)
