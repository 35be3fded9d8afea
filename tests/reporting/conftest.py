"""A tiny run of each task, trained once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from dlcli.events import Warned
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import run

HOSTILE = "<script>alert(1)</script>"


def _table(path: Path) -> None:
    random = np.random.default_rng(0)
    size = random.normal(50, 10, 150)
    town = random.integers(0, 3, 150)
    pl.DataFrame(
        {
            "面积": size,
            f"town{HOSTILE}": [["Bonn", "Köln", HOSTILE][place] for place in town],
            "price": 1e5 + 2000 * size + 3e4 * town,
            "label": [
                HOSTILE if value > 50 else "& 小" for value in size + random.normal(0, 5, 150)
            ],
        }
    ).write_csv(path)


def _texts(path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(["good", "bad", HOSTILE, "猫"], 6)) for _ in range(120)]
    labels = ["yes" if row.count("good") > 1 else "no" for row in rows]
    pl.DataFrame({"text": rows, "label": labels}).write_csv(path)


def _labelled_texts(path: Path) -> None:
    random = np.random.default_rng(0)
    words = ["good", "bad", HOSTILE, "猫"]
    rows = [" ".join(random.choice(words, 3)) for _ in range(120)]
    labels = ["|".join(word for word in words[:3] if word in row) for row in rows]
    pl.DataFrame({"text": rows, "labels": labels}).write_csv(path)


def _images(folder: Path) -> None:
    folder.mkdir()
    random = np.random.default_rng(0)
    labels = []
    for number in range(60):
        pixels = random.integers(0, 80, (8, 8, 3), dtype=np.uint8)
        has = random.random(3) < 0.5
        pixels[:, :, has] += 150
        Image.fromarray(pixels).save(folder / f"{number}.png")
        labels.append(";".join(np.array(["red", HOSTILE, "蓝"])[has]))
    names = [f"{number}.png" for number in range(60)]
    pl.DataFrame({"path": names, "labels": labels}).write_csv(folder / "labels.csv")


def _series(path: Path) -> None:
    steps = np.arange(260)
    wave = np.sin(steps / 5) + np.random.default_rng(0).normal(0, 0.1, 260)
    pl.DataFrame({f"load{HOSTILE}": wave.round(4), "温度": (wave * 2).round(4)}).write_csv(path)


def _corpus(path: Path) -> None:
    path.write_text(f"the cat <b>sat</b> & the 猫 {HOSTILE}\n" * 60, encoding="utf-8")


# task -> recipe, overrides, and what writes its data, or a built-in set
CASES: dict[str, tuple[str, list[str], str | Callable[[Path], None], str]] = {
    "table": ("table-mlp", ["model.units=[4]", "data.exclude=[price]"], _table, "t.csv"),
    "regression": (
        "table-linear",
        ["task=table-regression", "data.target=price", "data.exclude=[label]"],
        _table,
        "t.csv",
    ),
    "text": ("text-mean", ["embedding.size=4"], _texts, "t.csv"),
    "topics": ("text-multilabel", ["embedding.size=4"], _labelled_texts, "t.csv"),
    "colours": (
        "image-multilabel",
        ["preprocessing.image_size=[8, 8]", "model.filters=[4]"],
        _images,
        "images",
    ),
    "series": (
        "series-linear",
        ["preprocessing.steps=12", "preprocessing.horizon=4"],
        _series,
        "s.csv",
    ),
    "corpus": (
        "char-lstm",
        ["model.units=[4]", "preprocessing.sequence_length=20"],
        _corpus,
        "c.txt",
    ),
    "sequence": ("waves-lstm", ["model.units=[4]"], "", ""),
    "pictures": (
        "digits-gan",
        ["preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 4}",
         "model.filters=[4, 4]"],
        "",
        "",
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def run_of(
    tmp_path_factory: pytest.TempPathFactory, trained_run: RunDir
) -> Callable[[str], RunDir]:
    """A completed run by the kind of its task; tests must not change it."""
    made = {"image": trained_run}

    def of(kind: str) -> RunDir:
        if kind not in made:
            name, overrides, write, file = CASES[kind]
            folder = tmp_path_factory.mktemp(kind)
            if not isinstance(write, str):
                write(folder / file)
                overrides = [*overrides, f"data.source={folder / file}"]
            warnings: list[str] = []
            made[kind] = run.train(
                schema.load(name, [*overrides, "training.epochs=2"]),
                name,
                folder / "runs",
                name=kind,
                events=lambda event: (
                    warnings.append(event.message) if isinstance(event, Warned) else None
                ),
                stop=lambda: False,
            ).run
            assert not [each for each in warnings if "cannot" in each]
        return made[kind]

    return of
