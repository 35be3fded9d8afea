"""Tables of results."""

import re

import pytest
from rich.console import Console

from dlcli.cli.screens import metrics_table


def rendered(renderable: object, width: int = 80) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


def classes(*measured: tuple[str, float | None, int]) -> dict[str, object]:
    per_class = [
        {"class": name, "precision": f1, "recall": f1, "f1": f1, "examples": examples}
        for name, f1, examples in measured
    ]
    return {"test": {"per_class": per_class}}


@pytest.mark.parametrize(
    ("name", "value", "num_examples", "text"),
    [
        ("accuracy", 0.98612, 360, "98.6 %"),
        ("accuracy", 0.98612, 2000, "98.61 %"),
        ("accuracy", 0.98612, None, "98.6 %"),
        ("accuracy", 1.0, 360, "100.0 %"),
        ("accuracy", 0.9999, 360, "99.9 %"),
        ("accuracy", 0.99999, 50_000, "99.99 %"),
        ("recall", 0.5, 10, "50.0 %"),
        ("f1", None, 10, "-"),
        ("loss", 0.0, None, "0.0000"),
        ("loss", 0.05123, None, "0.0512"),
        ("loss", 0.000012345, None, "1.234e-05"),
        ("loss", 123.456, None, "123.5"),
        ("loss", 123456.7, None, "123,457"),
        ("r2", -1.328e-06, None, "0.0000"),
        ("r2", 0.9688, None, "0.9688"),
    ],
)
def test_a_metric_is_shown_with_the_decimals_that_its_examples_bear(
    name, value, num_examples, text
):
    assert metrics_table.format_metric(name, value, num_examples) == text


def test_the_result_stands_beside_validation_and_baseline():
    metrics = {
        "test": {"examples": 10_000, "loss": 0.05, "accuracy": 0.99012, "per_class": []},
        "validation": {"loss": 0.06, "accuracy": 0.98},
        "baselines": [{"name": "majority class", "accuracy": 0.1135}],
        "monitor": "accuracy",
    }
    shown = rendered(metrics_table.result_table(metrics))
    assert shown[0] == ""
    assert re.search(r" Test +Validation +Baseline\b.*majority class", shown[1])
    assert [line.split() for line in shown[3:6]] == [
        ["Accuracy", "99.01", "%", "98.00", "%", "11.35", "%"],
        ["Loss", "0.0500", "0.0600", "-"],
        ["Examples", "10,000"],
    ]


def test_what_was_measured_elsewhere_is_headed_by_its_name():
    metrics = {"test": {"examples": 100, "accuracy": 0.3}}
    assert rendered(metrics_table.result_table(metrics, "new.csv"))[1].split() == ["new.csv"]


def test_level_says_what_chance_may_take():
    metrics = {
        "test": {"examples": 60, "accuracy": 0.5667},
        "baselines": [{"name": "logistic regression", "accuracy": 0.6333}],
        "monitor": "accuracy",
    }
    sentence = (
        "The model is level with its baseline: accuracy 56.7 %, where the logistic regression "
        "reaches 63.3 %. With 60 examples, differences under 12.4 points may be chance."
    )
    assert " ".join(rendered(metrics_table.result_table(metrics))).endswith(sentence)


def test_a_model_that_does_not_beat_its_baseline_is_told_so():
    metrics = {
        "test": {"examples": 100, "accuracy": 0.3},
        "baselines": [{"name": "majority class", "accuracy": 0.5}],
        "monitor": "accuracy",
    }
    assert " ".join(rendered(metrics_table.result_table(metrics))[-2:]) == (
        "The model does not beat its baseline: accuracy 30.0 %, where the majority class reaches "
        "50.0 %."
    )


def test_a_result_alone_has_no_other_columns():
    shown = rendered(metrics_table.result_table({"test": {"examples": 3, "accuracy": 1.0}}))
    assert shown == [
        "",
        "              Test",
        "──────────────────",
        "Accuracy   100.0 %",
        "Examples         3",
    ]


def test_the_worst_classes_come_first_and_those_without_a_measure_last():
    metrics = classes(("a", 0.9, 40), ("b", None, 0), ("c", 0.5, 10), ("d", 1.0, 5))
    shown = rendered(metrics_table.per_class_table(metrics))
    assert shown == [
        "",
        "Class   Precision    Recall        F1   Examples",
        "────────────────────────────────────────────────",
        "c          50.0 %    50.0 %    50.0 %         10",
        "a          90.0 %    90.0 %    90.0 %         40",
        "d         100.0 %   100.0 %   100.0 %          5",
        "b               -         -         -          0",
        "",
        "Lowest F1 first.",
    ]


@pytest.mark.parametrize(("num_classes", "num_shown"), [(20, 20), (21, 10), (1000, 10)])
def test_of_many_classes_the_worst_are_shown(num_classes, num_shown):
    metrics = classes(*((f"class {n}", n / num_classes, 9) for n in range(num_classes)))
    shown = rendered(metrics_table.per_class_table(metrics))
    assert [line for line in shown if line.startswith("class")] == [
        line for n, line in enumerate(shown[3 : 3 + num_shown])
        if line.startswith(f"class {n} ")
    ]  # fmt: skip
    assert len(shown) == 3 + num_shown + 2
    last = "Lowest F1 first." if num_shown == num_classes else (
        f"The 10 classes with the lowest F1, of {num_classes:,}, worst first."
    )  # fmt: skip
    assert shown[-1] == last


def test_names_in_any_script_align_and_odd_ones_stay_on_their_line():
    metrics = classes(("雏菊", 0.5, 9), ("rose [red]", 0.6, 9), ("a\nb\x1b", 0.7, 9), ("é", 0.8, 9))
    shown = rendered(metrics_table.per_class_table(metrics))
    assert shown[1:7] == [
        "Class        Precision   Recall       F1   Examples",
        "───────────────────────────────────────────────────",
        "雏菊            50.0 %   50.0 %   50.0 %          9",
        "rose [red]      60.0 %   60.0 %   60.0 %          9",
        r"'a\nb\x1b'      70.0 %   70.0 %   70.0 %          9",
        "é               80.0 %   80.0 %   80.0 %          9",
    ]


@pytest.mark.parametrize(
    "confusion",
    [
        {"confusion": [[7, 1, 2], [3, 7, 0], [0, 0, 10]]},
        {"confusion_counts": [[0, 0, 7], [0, 1, 1], [0, 2, 2], [1, 0, 3], [1, 1, 7], [2, 2, 10]]},
    ],
)
def test_each_class_is_shown_with_the_one_that_it_is_mostly_taken_for(confusion):
    metrics = classes(("cat", 0.8, 10), ("dog", 0.9, 10), ("[b]", 1.0, 10))
    metrics["test"] |= confusion
    shown = rendered(metrics_table.per_class_table(metrics))
    assert [line.rpartition(" %")[2].split() for line in shown[3:6]] == [
        ["10", "[b]", "(2)"],
        ["10", "cat", "(3)"],
        ["10"],
    ]


def test_a_result_without_classes_has_no_table_of_them():
    assert "".join(rendered(metrics_table.per_class_table({"test": {"accuracy": 1.0}}))) == ""
