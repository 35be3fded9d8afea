"""The report as one self-contained page: no script, nothing fetched from anywhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dlcli.artifacts import metadata as artifact_metadata
from dlcli.evaluation import plots, predictions
from dlcli.reporting import figures, outputs
from dlcli.runs import summary
from dlcli.runs.run_dir import RunDir

if TYPE_CHECKING:
    import jinja2


def render(run: RunDir, found: dict[str, Any]) -> str:
    """Lay out what `dlcli.reporting.facts.gather` gave as a page."""
    template = environment().get_template("report.html")
    report = outputs.of(found["task"])
    text: str = template.render(**found, figures=_figures(run, found), drawn=figures, report=report)
    return text


@cache
def environment() -> jinja2.Environment:
    """Where the templates are; names of classes, files and columns are escaped in them."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("dlcli.reporting"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["short"] = _short
    return made


def _short(name: str) -> str:
    """The name of an example without the folders that it is far inside of."""
    return "/".join(name.rsplit("/", 2)[-2:])


def _figures(run: RunDir, found: dict[str, Any]) -> dict[str, Any]:
    test, draw = found["metrics"]["test"], outputs.of(found["task"]).figures
    return {
        "curves": figures.curves(summary.history(run.history), found["metrics"]["best_epoch"]),
        "confusion": figures.confusion(test),
        "boxes": plots.undrawable([each["class"] for each in test.get("per_class", [])]),
        "reliability": figures.reliability(found["calibration"]["bins"])
        if found["calibration"]
        else "",
        "pictures": [],
        **(draw(run, predictions.read(run), test, artifact_metadata.of_run(run)) if draw else {}),
    }
