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
