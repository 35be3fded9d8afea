"""Keys of tables: defaults and what they take."""

import pytest

from dlcli.recipe.sections import table
from dlcli.recipe.sections.section import MISSING_VALUES


def test_defaults():
    assert table.Data().model_dump() == {
        "source": None,
        "target": None,
        "features": None,
        "exclude": (),
        "categories": (),
        "validation_fraction": 0.1,
        "test_fraction": 0.2,
        "split_seed": 0,
        "copies": "together",
        "header": "auto",
        "encoding": "auto",
        "separator": "auto",
        "quote": "auto",
        "skip_lines": "auto",
        "missing_values": MISSING_VALUES,
        "decimal": "auto",
        "thousands": "auto",
        "units": "auto",
        "missing_labels": "auto",
        "label_case": "keep",
    }
    assert table.Preprocessing().model_dump() == {
        "missing": "indicator",
        "clip": None,
        "max_categories": 100,
        "min_category_count": 3,
    }


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("target", [None, "price"], [["a", "b"], 1995]),
        ("features", [None, [], ["a", "b"]], ["a", [""], [1]]),
        ("exclude", [[], ["a"]], [None, "a", [""]]),
        ("categories", [[], ["postal code"]], [None, "a", [""]]),
        ("header", ["auto", True, False], ["yes", 1]),
        ("separator", ["auto", "comma", "semicolon", "tab", "pipe", "space"], [",", "\t"]),
        ("quote", ["auto", "double", "single", "backslash", "none"], ['"', None]),
        ("skip_lines", ["auto", 0, 12], [-1, 1.5, None]),
        ("missing_values", [[], ["", "-999"]], [None, "NA", [-999]]),
        ("decimal", ["auto", ".", ","], ["comma", ";"]),
        ("thousands", ["auto", "none", ",", ".", "space", "'"], [" ", None]),
        ("units", ["auto", "keep"], ["none"]),
        ("missing_labels", ["auto", [], ["?"]], ["?", None]),
        ("label_case", ["keep", "ignore"], ["lower"]),
    ],
)
def test_data(takes, key, accepted, refused):
    takes(table.Data, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("missing", ["indicator", "mean", "fail"], ["median", None]),
        ("clip", [None, 0.1, 10], [0, -1, "3"]),
        ("max_categories", [1, 10_000], [0, None]),
        ("min_category_count", [1, 50], [0, None]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(table.Preprocessing, key, accepted, refused)
