"""Two splits are joined without a row of the third."""

import numpy as np
import pytest

from dlcli import data
from dlcli.data.together import together
from dlcli.recipe import schema


def test_rows_of_both_splits_follow_each_other():
    splits = data.load(schema.load("iris-mlp", [])).splits
    joined = together(splits.train, splits.validation)
    assert len(joined) == len(splits.train) + len(splits.validation)
    assert not set(joined.rows.tolist()) & set(splits.test.rows.tolist())
    first = len(splits.train)
    assert joined.name(first) == splits.validation.name(0)
    _, targets = joined.gather(np.arange(first, len(joined)))
    assert np.array_equal(targets, splits.validation.targets[splits.validation.rows])


@pytest.mark.parametrize("predict", ["every-step", "last-step"])
def test_windows_of_a_text_never_move_into_the_test_part(tmp_path, predict):
    file = tmp_path / "text.txt"
    file.write_text("".join(chr(97 + place % 26) for place in range(3000)), encoding="utf-8")
    loaded = schema.load(
        "char-lstm",
        [
            f"data.source={file}",
            "preprocessing.sequence_length=20",
            f"preprocessing.predict={predict}",
        ],
    )
    splits = data.load(loaded).splits
    joined = together(splits.train, splits.validation)
    slack = joined.inputs.slack
    assert slack > 0
    last = int(joined.inputs.starts[-1])
    assert last > splits.train.inputs.starts[-1]  # it reaches into the validation part
    assert last + slack + 20 < splits.test.inputs.starts[0] + 1
    moved = joined.targets.moved(slack)
    assert len(moved) == len(joined) == len(joined.inputs)
    assert len(joined.names) >= len(joined)
    texts, _ = joined.gather(np.array([len(joined) - 1]))
    start = int(joined.inputs.starts[-1])
    assert texts[0] == joined.inputs.text[start : start + 20]
