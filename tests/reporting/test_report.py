"""Reports of every task: whole, true to the metrics, and safe against what the data holds."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest

from dlcli import kinds, reporting
from dlcli.errors import DlcliError, UsageError
from dlcli.evaluation import plots, predictions
from dlcli.metric_names import format_metric
from dlcli.reporting import card, facts, figures, outputs, page
from dlcli.reporting.examples import series
from dlcli.runs import summary
from dlcli.runs.run_dir import RunDir
from dlcli.training import finish

HOSTILE = "<script>alert(1)</script>"  # what conftest.py writes into names and texts
# What each report has besides what all have.
SECTIONS = {
    "image": {"classes", "calibration", "slices", "worst"},
    "table": {"classes", "calibration", "slices"},
    "regression": {"answers", "slices", "worst"},
    "text": {"classes", "calibration", "slices"},
    "topics": {"classes", "slices", "worst"},
    "colours": {"classes", "slices", "worst"},
    "series": {"answers", "slices", "worst"},
    "corpus": {"answers", "slices", "worst"},
    "sequence": {"classes", "calibration"},
    "pictures": {"answers"},
}
KINDS = list(SECTIONS)


def metrics_of(run):
    return json.loads(run.metrics.read_text())


def test_every_task_has_a_case(run_of):
    tasks = {metrics["task"] for metrics in map(facts.gather, map(run_of, KINDS))}
    assert tasks == set(kinds.tasks()), "see CASES in tests/reporting/conftest.py"


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_leaves_a_report_and_a_card(run_of, kind):
    run = run_of(kind)
    html = run.report.read_text(encoding="utf-8")
    found = set(re.findall(r'<section id="(\w+)"', html))
    assert found >= {"about", "result", "curves", "use", "repeat"} | SECTIONS[kind]
    metrics = metrics_of(run)
    shown = dict(re.findall(r'data-figure="([\w.]+)" data-value="([^"]*)"', html))
    for name, value in metrics["test"].items():
        if isinstance(value, float):
            assert float(shown[f"test.{name}"]) == value
            assert format_metric(name, value, metrics["test"]["examples"]) in html
    text = run.model_card.read_text(encoding="utf-8")
    for name, value in metrics["test"].items():
        if isinstance(value, float):
            written = format_metric(name, value, metrics["test"]["examples"])
            assert f"| {written} |" in text
    assert text.startswith(f"# {kind if kind != 'image' else 'trained'}\n")


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_data_holds_is_never_markup(run_of, kind):
    run = run_of(kind)
    html = run.report.read_text(encoding="utf-8")
    assert "<script" not in html
    if kind in {"table", "regression", "text", "series"}:
        assert HOSTILE not in run.model_card.read_text(encoding="utf-8")
    if kind in {"table", "regression"}:
        assert "&lt;script&gt;" in html
        assert "面积" in html


@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_is_about_its_figure(run_of, kind):
    result = facts.gather(run_of(kind))["result"]
    rows = [row for row in result["rows"] if row["interval"]]
    assert bool(rows) == (kind != "pictures")
    for row in rows:
        low, high = row["interval"]
        assert low <= row["test"]["value"] <= high or row["name"] in {"rmse", "r2", "perplexity"}


def test_the_same_run_gives_the_same_page(run_of):
    run = run_of("table")
    found = facts.gather(run)
    assert page.render(run, found) == page.render(run, facts.gather(run))
    assert page.render(run, found) == run.report.read_text(encoding="utf-8")
    assert card.render(found) == run.model_card.read_text(encoding="utf-8")


def test_slices_are_counted_and_their_mean_is_the_whole(run_of):
    found = facts.gather(run_of("table"))
    names = {each["name"] for each in found["slices"]}
    assert names == {"面积", f"town{HOSTILE}"}
    for each in found["slices"]:
        weights = [group["examples"] for group in each["groups"]]
        assert sum(weights) == found["metrics"]["test"]["examples"]
        values = [group["value"] for group in each["groups"]]
        assert np.average(values, weights=weights) == pytest.approx(
            found["metrics"]["test"]["accuracy"]
        )


def test_the_worst_mistakes_are_wrong_and_the_surest_first(run_of):
    run = run_of("image")
    found = facts.gather(run)["worst"]
    assert found
    assert all(each["truth"] != each["answer"] and each["picture"] for each in found)
    kept = predictions.read(run)
    losses = [kept.terms["loss"][each["position"]] for each in found]
    assert losses == sorted(losses, reverse=True)


def test_the_worst_forecasts_do_not_show_the_same_twice(run_of):
    kept = predictions.read(run_of("series"))
    positions = outputs.of(kept.task).worst(kept, series.NUM_SHOWN)
    assert len(positions) > 1
    assert min(np.diff(sorted(positions))) >= 4


def test_a_run_that_kept_no_answers_is_reported_without_them(run_of, tmp_path):
    shutil.copytree(run_of("table").path, tmp_path / "old")
    old = RunDir(tmp_path / "old")
    shutil.rmtree(old.predictions)
    reporting.write(old)
    html = old.report.read_text(encoding="utf-8")
    assert "did not keep its answers" in html
    assert 'id="classes"' in html
    assert 'id="slices"' not in html


def test_a_run_that_did_not_end_has_no_report(run_of, tmp_path):
    shutil.copytree(run_of("table").path, tmp_path / "stopped")
    stopped = RunDir(tmp_path / "stopped")
    stopped.metrics.unlink()
    with pytest.raises(UsageError, match="not completed"):
        facts.gather(stopped)


@pytest.mark.parametrize("content", ["{}", "[]", "no JSON"])
def test_damaged_metrics_are_named(run_of, tmp_path, content):
    shutil.copytree(run_of("image").path, tmp_path / "damaged")
    damaged = RunDir(tmp_path / "damaged")
    damaged.metrics.write_text(content)
    with pytest.raises(DlcliError, match=r"metrics\.json is damaged"):
        facts.gather(damaged)


def test_a_report_that_fails_is_a_warning(run_of, monkeypatch):
    def fail(run):
        raise KeyError("anything")

    monkeypatch.setattr(reporting, "write", fail)
    warnings = []
    finish.report(run_of("table"), warnings.append)
    assert [warning.message for warning in warnings] == [
        f"the report cannot be written ('anything'). Try again: dlcli report {run_of('table').path}"
    ]


def test_figures_take_the_colour_of_the_page(run_of):
    [(_, curve), *_] = figures.curves(summary.history(run_of("image").history), 1)
    assert curve.startswith("<svg")
    assert "currentColor" in curve
    assert "#000000" not in curve
    assert "<metadata" not in curve


@pytest.mark.parametrize(("missing", "is_told"), [("", False), ("猫", True)])
def test_boxes_in_the_place_of_characters_are_told(run_of, monkeypatch, missing, is_told):
    run = run_of("image")
    monkeypatch.setattr(plots, "undrawable", lambda names: missing)
    assert ("Boxes: characters that no" in page.render(run, facts.gather(run))) == is_told


@pytest.mark.parametrize("kind", ["image", "table"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_a_report_without_asking_for_anything(run_of, browser, kind, scheme):
    run = run_of(kind)
    said = []
    view = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.route(
        "**/*",
        lambda route: (
            route.continue_()
            if route.request.url.startswith(("file:", "data:"))
            else (said.append(route.request.url), route.abort())
        ),
    )
    view.goto(run.report.as_uri())
    metrics = metrics_of(run)
    for name in ("accuracy", "loss"):
        cell = view.locator(f'[data-figure="test.{name}"]')
        value, count = metrics["test"][name], metrics["test"]["examples"]
        assert float(cell.get_attribute("data-value")) == value
        assert cell.inner_text() == format_metric(name, value, count)
    headline = view.locator(".headline .figure").inner_text()
    assert headline == format_metric("accuracy", metrics["test"]["accuracy"], count)
    assert view.evaluate("document.documentElement.scrollWidth") <= 390
    assert view.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    assert said == []


def test_no_column_of_a_report_is_out_of_sight_at_1200_pixels(run_of, browser):
    view = browser.new_page(viewport={"width": 1200, "height": 800})
    view.goto(run_of("table").report.as_uri())
    view.evaluate(
        "name => document.querySelectorAll('tbody th').forEach(e => { e.textContent = name; })",
        "benign keratosis-like lesions of the upper arm and other places",
    )
    found = view.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".map(e => [e.tabIndex, e.scrollWidth - e.clientWidth])"
    )
    assert len(found) >= 3
    assert set(map(tuple, found)) == {(0, 0)}  # reached by the Tab key, and nothing to scroll
