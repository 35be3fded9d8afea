"""Which result is the better one."""

import pytest

from dlcli import metric_names


@pytest.mark.parametrize(
    ("name", "better", "worse"), [("accuracy", 0.9, 0.8), ("rmse", 1.0, 2.0), ("loss", 0.1, 0.2)]
)
def test_shares_should_be_high_and_errors_low(name: str, better: float, worse: float) -> None:
    assert metric_names.is_better(name, better, worse)
    assert not metric_names.is_better(name, worse, better)
    assert not metric_names.is_better(name, better, better)


@pytest.mark.parametrize(
    ("name", "value", "num_examples", "level"),
    [
        ("accuracy", 0.85, 100, True),  # two standard errors are 0.08
        ("accuracy", 0.85, 10_000, False),
        ("accuracy", 0.85, None, False),
        ("rmse", 0.803, 100, True),
        ("rmse", 0.85, 100, False),
    ],
)
def test_what_chance_brings_near_is_level(
    name: str, value: float, num_examples: int | None, level: bool
) -> None:
    assert metric_names.is_level(name, value, 0.8, num_examples) is level


def test_errors_of_rounding_are_level_with_none() -> None:
    assert metric_names.is_level("scaled_mse", 2e-18, 0.0, 100)
    assert not metric_names.is_level("scaled_mse", 2e-6, 0.0, 100)


@pytest.mark.parametrize(("monitor", "name"), [("rmse", "linear"), ("accuracy", "majority")])
def test_the_best_baseline_is_the_hardest_to_beat(monitor: str, name: str) -> None:
    baselines = [
        {"name": "mean", "rmse": 2.0},
        {"name": "linear", "rmse": 1.0, "accuracy": 0.4},
        {"name": "majority", "accuracy": 0.5},
        {"name": "damaged", "accuracy": "high", "rmse": None},
        "damaged",
    ]
    found = metric_names.best_baseline({"monitor": monitor, "baselines": baselines})
    assert found["name"] == name


@pytest.mark.parametrize("metrics", [{}, {"monitor": "rmse"}, {"monitor": [], "baselines": {}}])
def test_without_a_baseline_there_is_none(metrics: dict) -> None:
    assert metric_names.best_baseline(metrics) == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.00012, "0.0001"),
        (3.5e-12, "3.5e-12"),
        (2.9e15, "2.9e+15"),
        (8.5, "8.5000"),
    ],
)
def test_no_error_looks_like_none(value: float, text: str) -> None:
    assert metric_names.figure(value) == text


def test_an_error_of_any_size_is_short() -> None:
    texts = [metric_names.format_metric("rmse", value) for value in (2.9e-12, 12_345.6, 2.9e15)]
    assert texts == ["2.9e-12", "12,346", "2.9e+15"]


CHOSEN = {"metric": "loss", "higher_is_better": False, "validation": 0.3125}


@pytest.mark.parametrize(
    ("metrics", "text"),
    [
        (
            {"best_epoch": 3, "chosen_by": CHOSEN},
            "epoch 3 was kept (lowest validation loss, 0.3125)",
        ),
        (
            {
                "best_epoch": 3,
                "chosen_by": {"metric": "accuracy", "higher_is_better": True, "validation": 0.9},
            },
            "epoch 3 was kept (highest validation accuracy, 90.0 %)",
        ),
        (
            {
                "best_epoch": 3,
                "chosen_by": CHOSEN,
                "refit": {"epochs": 3, "examples": 1200},
            },
            "epoch 3 was the best (lowest validation loss, 0.3125); the model that was kept was "
            "trained anew for 3 epochs on the train and validation splits together, 1,200 examples",
        ),
        ({"best_epoch": 3}, "the best was epoch 3"),
        ({"best_epoch": "3", "chosen_by": 7}, ""),
        ({}, ""),
    ],
)
def test_which_model_was_kept_is_said_with_the_reason(metrics, text):
    assert metric_names.kept(metrics) == text
