"""Figures of a report, as they are written."""

import math

import numpy as np
import pytest

from dlcli.evaluation.bootstrap import Interval
from dlcli.evaluation.predictions import Predictions
from dlcli.reporting import calibrated, card, figures, results, slices


def metrics(monitor, test, **further):
    baselines = [{"name": "mean", "examples": 4, **dict.fromkeys(test, 2.0)}]
    document = {"test": {"examples": 4, **test}, "validation": test, "baselines": baselines}
    return {**document, "monitor": monitor, **further}


def test_the_metric_that_a_run_is_judged_by_is_first():
    found = results.of(
        metrics("rmse", {"mae": 1.0, "rmse": 1.5}), None, {"task": "table-regression"}
    )
    assert [row["name"] for row in found["rows"]] == ["rmse", "mae"]
    assert found["headline"]["test"] == {"value": 1.5, "text": "1.5000"}
    assert (found["verdict"]["tone"], found["method"]) == ("good", "")


def test_a_loss_of_text_is_told_in_bits_too():
    document = metrics("loss", {"loss": math.log(4), "accuracy": 0.5, "perplexity": 4.0})
    found = results.of(document, None, {"task": "text-generation"})
    assert [row["title"] for row in found["rows"][:2]] == [
        "Loss (nats a character)",
        "Bits a character",
    ]
    assert found["rows"][1]["test"]["value"] == pytest.approx(2)
    assert found["rows"][1]["interval"] is None


def test_a_distance_of_pictures_is_told_with_what_chance_gives():
    document = metrics("frechet_distance", {"frechet_distance": 1.0, "real_halves_distance": 0.25})
    found = results.of(document, None, {"task": "image-generation"})
    assert found["verdict"]["text"].endswith(
        "Two halves of the real pictures are 0.2500 apart: chance alone gives that much."
    )
    without = results.of({**document, "baselines": []}, None, {"task": "image-generation"})
    assert without["verdict"]["text"] == "There is no baseline to compare with."


def test_a_figure_that_is_no_number_is_left_out():
    document = metrics("rmse", {"rmse": 1.5, "mae": math.nan})
    [_, row] = results.of(document, None, {"task": "table-regression"})["rows"]
    assert row["test"] == {"value": None, "text": "-"}


@pytest.mark.parametrize(
    ("interval", "text"), [(Interval(0.5, 0.75), "50.0 to 75.0 %"), (None, "")]
)
def test_an_interval_has_one_sign(interval, text):
    assert results.written("accuracy", interval, 100) == text


def test_classes_begin_with_the_lowest_f1():
    each = {"precision": 0.5, "recall": 0.25, "examples": 2}
    per_class = [
        {"class": name, **each, "f1": f1, "threshold": 0.5}
        for name, f1 in zip("abc", (0.9, None, 0.1), strict=True)
    ]
    found = results.classes(
        {"per_class": per_class, "confusion": [[1, 2, 0], [3, 0, 0], [0, 0, 1]]}
    )
    assert [row["name"] for row in found["rows"]] == ["c", "a", "b"]
    assert found["headings"] == ["Precision", "Recall", "F1", "Threshold"]
    assert [figure["text"] for figure in found["rows"][0]["figures"]] == [
        "50.0 %", "25.0 %", "10.0 %", "0.500"
    ]  # fmt: skip
    assert found["confusions"][0] == {"count": 3, "true": "b", "predicted": "a"}
    assert results.classes({}) == {"headings": [], "rows": [], "confusions": []}


def test_a_group_that_stands_out_is_marked_by_the_direction_of_its_metric():
    groups = np.repeat([0, 1], 50)
    for task, metric, terms, words in (
        (
            "image-classification",
            "accuracy",
            {"accuracy": groups.astype(float), "loss": groups + 1.0},
            ["worse", "better"],
        ),
        (
            "table-regression",
            "mae",
            {
                "squared_error": groups + 1.0,
                "absolute_error": groups + 1.0,
                "target": groups + np.tile([0.0, 1.0], 50),
                "squared_target": np.full(100, 9.0),
            },
            ["better", "worse"],
        ),
    ):
        names = [f"{number}" for number in range(100)]
        kept = Predictions(
            task, names, {}, terms, attributes={"day": groups}, groups={"day": ["dull", "bright"]}
        )
        test = {metric: float(terms.get(metric, terms.get("absolute_error")).mean())}
        [found] = slices.of(kept, {"monitor": metric, "test": test}, {"task": task})
        assert [group["stands_out"] for group in found["groups"]] == words
        assert [group["examples"] for group in found["groups"]] == [50, 50]


def test_a_classifier_that_is_too_sure_is_called_so():
    confidence = np.full(10, 0.9, np.float32)
    terms = {"accuracy": np.array([1.0] * 6 + [0.0] * 4)}
    found = calibrated.of(
        Predictions("text-classification", "0123456789", {"confidence": confidence}, terms)
    )
    assert found["expected_error"] == pytest.approx(0.3)
    assert "more sure than right" in found["sentence"]
    assert calibrated.of(Predictions("table-regression", "0", {}, {})) == {}


def test_what_a_name_holds_is_no_markdown():
    assert card.marked("a_b\n*c* <d>") == r"a\_b \*c\* \<d\>"


def test_a_drawing_begins_where_the_history_ends():
    example = {"history": [[0.0, 1.0]], "true_values": [[2.0, None]], "forecast": [[3.0, 4.0]]}
    found = figures.window(example, 0)
    assert (found["low"], found["high"]) == ("0", "4")
    assert found["lines"]["truth"].split()[0] == found["lines"]["history"].split()[-1]
    assert len(found["lines"]["truth"].split()) == 2  # what is missing is no point
    assert figures.sequence([[]])["lines"] == {"channel0": ""}
