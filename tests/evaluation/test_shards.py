"""Metrics of shards are those of the whole, to the last bit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlcli.data import Split
from dlcli.errors import DataError
from dlcli.evaluation import evaluate, shards
from dlcli.prediction.shards import Shard

METADATA = {
    "task": "image-classification",
    "class_names": ["a", "b", "c"],
    "target": "",
    "input": {"kind": "image", "shape": [2]},
}


@pytest.fixture
def split() -> Split:
    random = np.random.default_rng(0)
    names = [f"example {row}" for row in range(700)]
    inputs = random.normal(size=(700, 2)).astype(np.float32)
    return Split(inputs, random.integers(0, 3, 700).astype(np.int32), np.arange(600)[::-1], names)


@pytest.fixture
def predictor() -> SimpleNamespace:
    """One whose answers depend on what stands beside an example in its batch."""

    def predict_batch(raw: np.ndarray) -> np.ndarray:
        scores = np.exp(np.stack([raw[:, 0], raw[:, 1], raw.sum(axis=1)], axis=1) + raw.mean())
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    return SimpleNamespace(metadata=METADATA, predict_batch=predict_batch)


def _written(predictor, split: Split, folder: Path, count: int, model: str = "m") -> list[Path]:
    paths = []
    for number in range(1, count + 1):
        shard = Shard(number, count)
        answers = evaluate.predict(predictor, split, bounds=shard.of(len(split)))
        paths.append(folder / f"part-{number}-of-{count}.npz")
        shards.write(paths[-1], answers, split, shard, METADATA, "run", model)
    return paths


@pytest.mark.parametrize("count", [1, 4, 7])
def test_merged_shards_measure_as_the_whole(predictor, split, tmp_path: Path, count) -> None:
    merged = shards.merge(_written(predictor, split, tmp_path, count)[::-1])
    assert merged == {"artifact": "run", "test": evaluate.evaluate(predictor, split)}


def test_a_shard_without_examples_is_one_of_the_set(predictor, split, tmp_path: Path) -> None:
    few = Split(split.inputs, split.targets, np.arange(2), split.names)
    merged = shards.merge(_written(predictor, few, tmp_path, 3))
    assert merged["test"] == evaluate.evaluate(predictor, few)


def test_what_does_not_belong_together_is_refused(predictor, split, tmp_path: Path) -> None:
    one, two, three = _written(predictor, split, tmp_path, 3)
    with pytest.raises(DataError, match=r"shard 2/3 is missing"):
        shards.merge([one, three])
    with pytest.raises(DataError, match=r"shard 1/3 is given twice"):
        shards.merge([one, two, three, one])
    (tmp_path / "other").mkdir()
    other = _written(predictor, split, tmp_path / "other", 3, model="n")[1]
    with pytest.raises(DataError, match=r"part-2-of-3\.npz is of another evaluation .*model diff"):
        shards.merge([one, other, three])
    two.write_bytes(two.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"part-2-of-3\.npz is not a shard of an evaluation"):
        shards.merge([one, two, three])
