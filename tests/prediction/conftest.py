"""A predictor that needs no training: what depends on the rest of dlcli is tested with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcli import prediction
from dlcli.prediction import layout as layouts
from dlcli.prediction import writing

BATCH = 8


class Rule:
    """Answers by a rule: the classes by a number x and a city, or the number itself.

    Args:
        classes: names of the classes; none of a regression.
    """

    def __init__(self, classes: list[str]) -> None:
        self.sizes: list[int] = []
        self.metadata: dict[str, Any] = {
            "task": "table-classification" if classes else "table-regression",
            "class_names": classes,
            "target": "y",
            "input": {
                "kind": "table",
                "columns": [
                    {"name": "x", "key": "x", "kind": "number", "categories": []},
                    {"name": "city", "key": "city", "kind": "category", "categories": ["Köln"]},
                ],
                "reading": {},
                "missing": "indicator",
            },
        }

    def predict_batch(self, raw: dict[str, np.ndarray]) -> np.ndarray:
        x = np.nan_to_num(raw["x"])
        self.sizes.append(len(x))
        if not self.metadata["class_names"]:
            return x[:, None]
        first = np.where(raw["city"] == "Köln", 0.9, 0.25) * np.exp(-np.abs(x) / 1000)
        return np.stack([first, 1 - first], axis=1).astype(np.float32)


@pytest.fixture
def classifier() -> Rule:
    return Rule(["yes", "no"])


@pytest.fixture
def regressor() -> Rule:
    return Rule([])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """50 rows, of which the 14th has a cell that is no number, and one a quoted newline."""
    rows = [f"{row},{row / 7:.3f},{'Köln' if row % 3 else 'Rom'},plain" for row in range(50)]
    rows[13] = "13,many,Köln,plain"
    rows[20] = '20,5,Köln,"two\nlines, quoted"'
    path = tmp_path / "rows.csv"
    path.write_text("id,x,city,class\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def write_output(
    predictor,
    table: Path,
    path: Path,
    *,
    format: str = "csv",
    shard: str = "",
    bounds: tuple[int, int] = (0, 50),
    stop_after: int = 10**9,
    restart: bool = False,
    limit: int | None = None,
):
    source = prediction.open_inputs(predictor, [str(table)]).limited(limit)
    layout = layouts.of(source, predictor.metadata, 2)
    start, stop = bounds
    job = writing.job(
        model=Path(__file__),
        inputs=source.fingerprint(),
        num_inputs=source.size,
        format=format,
        columns=layout.names,
        batch_size=BATCH,
        top_k=2,
        limit=limit,
        shard=shard,
    )
    told: list[int] = []

    def answers(done: int):
        return prediction.predict(
            predictor, source, top_k=2, start=start + done, stop=min(stop, source.size), size=BATCH
        )

    return writing.to_file(
        path,
        answers,
        layout,
        job,
        restart=restart,
        events=lambda event: told.append(event.done),
        stop=lambda: told[-1] >= stop_after,
    )


@pytest.fixture
def write() -> Callable[..., writing.Written]:
    return write_output
