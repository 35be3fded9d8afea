"""Keys of whole series that are classified: defaults and what they take."""

import pytest

from dlcli.recipe.sections import sequence
from dlcli.recipe.sections.section import MISSING_VALUES


def test_defaults():
    assert sequence.Data().model_dump() == {
        "source": None,
        "label": None,
        "features": None,
        "exclude": (),
        "validation_fraction": 0.1,
        "test_fraction": 0.2,
        "split_seed": 0,
        "copies": "together",
        "header": "auto",
        "encoding": "auto",
        "separator": "auto",
        "quote": "auto",
        "skip_lines": "auto",
        "label_case": "keep",
        "missing_values": MISSING_VALUES,
        "decimal": "auto",
        "thousands": "auto",
        "units": "auto",
    }
    assert sequence.Preprocessing().model_dump() == {
        "steps": None,
        "scaling": "standard",
        "missing": "interpolate",
        "missing_indicator": False,
    }


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("label", [None, "class"], [["a"], 0]),
        ("features", [None, ["t0", "t1"]], ["t0", [""]]),
        ("exclude", [[], ["id"]], [None, "id", [""]]),
    ],
)
def test_data(takes, key, accepted, refused):
    takes(sequence.Data, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("steps", [None, 1, 500], [0, "auto"]),
        ("scaling", ["standard", "none"], ["unit", None]),
        ("missing", ["interpolate", "forward", "fail"], ["mean"]),
        ("missing_indicator", [True, False], ["auto", 1]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(sequence.Preprocessing, key, accepted, refused)
