"""What is read out of `metrics.json`."""

import pytest

from dlcli.runs import results


@pytest.mark.parametrize(("monitor", "name"), [("rmse", "linear"), ("accuracy", "majority")])
def test_the_best_baseline_is_the_hardest_to_beat(monitor: str, name: str) -> None:
    baselines = [
        {"name": "mean", "rmse": 2.0},
        {"name": "linear", "rmse": 1.0, "accuracy": 0.4},
        {"name": "majority", "accuracy": 0.5},
        {"name": "damaged", "accuracy": "high", "rmse": None},
        "damaged",
    ]
    found = results.best_baseline({"monitor": monitor, "baselines": baselines})
    assert found["name"] == name


@pytest.mark.parametrize("metrics", [{}, {"monitor": "rmse"}, {"monitor": [], "baselines": {}}])
def test_without_a_baseline_there_is_none(metrics: dict) -> None:
    assert results.best_baseline(metrics) == {}


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
    assert results.kept(metrics) == text
