"""One verdict on a run, whoever says it."""

import pytest

from dlcli.runs import documents, verdict

METRICS = {
    "test": {"accuracy": 0.85, "loss": 0.4, "examples": 40},
    "baselines": [{"name": "majority class", "accuracy": 0.5}, {"name": "linear", "accuracy": 0.8}],
    "monitor": "accuracy",
}


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [((0.01, 0.09), "better"), ((-0.02, 0.12), "level"), (None, "level")],
)
def test_the_interval_decides_where_there_is_one(interval, outcome):
    found = verdict.document(METRICS, 0.05, interval)
    assert (found["baseline"], found["outcome"]) == ("linear", outcome)


def test_a_model_below_its_baseline_is_worse():
    worse = {**METRICS, "test": {"accuracy": 0.3, "examples": 40}}
    assert verdict.document(worse, -0.5, (-0.6, -0.4))["outcome"] == "worse"


def test_the_stored_verdict_is_what_is_said():
    judged = {**METRICS, "verdict": verdict.document(METRICS, 0.05, (0.01, 0.09))}
    assert verdict.of(judged)["outcome"] == "better"
    assert verdict.sentence(judged) == (
        "The model beats its best baseline: accuracy 85.0 %, where the linear reaches 80.0 %. "
        "The difference is +5.0 points (95 % interval +1.0 to +9.0)."
    )


def test_runs_without_one_are_judged_by_the_number_of_examples():
    assert verdict.of(METRICS)["outcome"] == "level"
    assert verdict.sentence(METRICS).endswith(
        "With 40 examples, differences under 12.6 points may be chance."
    )
    for damaged in ({}, {"test": None}, {**METRICS, "baselines": []}, {"verdict": 3}):
        assert verdict.sentence(damaged) == ""


def test_a_run_keeps_its_verdict_and_the_report_says_it(trained_run):
    from dlcli.reporting import results

    metrics = documents.read_json(trained_run.metrics)
    assert metrics["verdict"]["outcome"] == "better"
    assert metrics["verdict"]["interval"][0] > 0
    metadata = documents.read_json(trained_run.metadata)
    shown = results.of(metrics, None, metadata)["verdict"]
    assert (shown["text"], shown["tone"]) == (verdict.sentence(metrics), "good")
