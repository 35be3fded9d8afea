"""Keys of series that are forecast: defaults and what they take."""

import pytest

from dlcli.recipe.sections import series
from dlcli.recipe.sections.section import MISSING_VALUES


def test_defaults():
    assert series.Data().model_dump() == {
        "source": None,
        "time": None,
        "time_format": None,
        "frequency": None,
        "target": None,
        "features": None,
        "exclude": (),
        "validation_fraction": 0.1,
        "test_fraction": 0.2,
        "split_rows": None,
        "header": "auto",
        "encoding": "auto",
        "separator": "auto",
        "quote": "auto",
        "skip_lines": "auto",
        "missing_values": MISSING_VALUES,
        "decimal": "auto",
        "thousands": "auto",
        "units": "auto",
    }
    assert series.Preprocessing().model_dump() == {
        "steps": 10,
        "horizon": 1,
        "stride": 1,
        "scaling": "standard",
        "relative_to": "none",
        "missing": "interpolate",
        "missing_indicator": False,
    }


@pytest.mark.parametrize("key", ["split_seed", "copies"])
def test_rows_in_order_of_time_are_not_drawn(key):
    assert key not in series.Data.model_fields


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("time", [None, "day", ["year", "month"], []], [1, [""]]),
        ("time_format", [None, "%Y", ["%Y", "%m"]], [1, [""]]),
        ("frequency", [None, "15 minutes"], [15]),
        ("target", [None, "load", ["load", "price"]], [3, [""]]),
        ("features", [None, ["load"]], ["load", [""]]),
        ("exclude", [[], ["load"]], [None, "load", [""]]),
        ("split_rows", [None, [1, 1, 1]], [[1, 1], [1, 0, 1], [1, 1, 1, 1], 3]),
        ("validation_fraction", [0.001, 0.999], [0, 1]),
        ("test_fraction", [0.001, 0.999], [0, 1]),
    ],
)
def test_data(takes, key, accepted, refused):
    takes(series.Data, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("steps", [1, 500], [0, None]),
        ("horizon", [1, 96], [0, None]),
        ("stride", [1, 24], [0, None]),
        ("scaling", ["standard", "none"], ["unit", None]),
        ("relative_to", ["none", "last", "mean"], ["first", None]),
        ("missing", ["interpolate", "forward", "fail"], ["mean"]),
        ("missing_indicator", [True, False], ["auto", 1]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(series.Preprocessing, key, accepted, refused)
