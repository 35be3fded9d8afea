import numpy as np
import pytest

from dlcli.data import Split
from dlcli.explanation import permutation

COLUMNS = [
    {"name": name, "key": name, "kind": kind, "categories": ()}
    for name, kind in (("useful", "number"), ("noise", "number"), ("town", "category"))
]
METADATA = {
    "task": "table-classification",
    "class_names": ["low", "high"],
    "target": "level",
    "input": {"kind": "table", "columns": COLUMNS},
}
OF_A_NUMBER = {**METADATA, "task": "table-regression", "class_names": []}


class ReadsOneColumn:
    """Answers by the column "useful" alone."""

    metadata = METADATA

    def predict_batch(self, raw):
        high = (raw["useful"] > 0).astype(np.float32)
        return np.stack([1 - high, high], axis=1)


def split(count=300):
    generator = np.random.default_rng(3)
    raw = {
        "useful": generator.normal(size=count).astype(np.float32),
        "noise": generator.normal(size=count).astype(np.float32),
        "town": generator.choice(["Bonn", "Ulm"], count).astype(object),
    }
    targets = (raw["useful"] > 0).astype(np.int32)
    return Split(raw, targets, np.arange(count), [str(row) for row in range(count)])


def test_it_finds_the_one_useful_column_and_gives_nothing_to_noise():
    found = permutation.measure(ReadsOneColumn(), split())
    first, *others = found.columns
    assert (found.metric, found.value) == ("accuracy", 1.0)
    assert first.column == "useful"
    assert first.mean == pytest.approx(0.5, abs=0.05)  # half of all rows change their side
    assert 0 < first.std < 0.05
    assert [each.mean for each in others] == [0, 0]
    # Against shuffled targets the useful column helps no more than the others.
    assert abs(first.by_chance) < 0.05
    assert found.bound == abs(first.by_chance)
    marked = {
        each["column"]: each["above_chance"] for each in permutation.document(found)["columns"]
    }
    assert marked == {"useful": True, "noise": False, "town": False}


def test_the_seed_decides_the_permutations():
    first, again, other = (
        permutation.measure(ReadsOneColumn(), split(), seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_of_many_rows_some_are_drawn():
    told = []
    found = permutation.measure(ReadsOneColumn(), split(), limit=50, events=told.append)
    assert found.num_rows == 50
    assert [(each.done, each.total) for each in told] == [(1, 3), (2, 3), (3, 3)]


def test_of_a_regression_it_is_the_error_that_grows():
    class Number(ReadsOneColumn):
        metadata = OF_A_NUMBER

        def predict_batch(self, raw):
            return raw["useful"][:, None]

    data = split()
    found = permutation.measure(
        Number(), Split(data.inputs, data.inputs["useful"], data.rows, data.names)
    )
    assert (found.metric, found.value) == ("rmse", 0.0)
    assert found.columns[0].column == "useful"
    assert found.columns[0].mean == pytest.approx(2**0.5, rel=0.15)
