"""Examples of every kind of data, made up: for an untrained model of each task and family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from dlcli import kinds
from dlcli.data import DataSpec
from dlcli.inputs.characters import RESERVED_NAMES
from dlcli.inputs.columns import Column
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.frequencies import Frequency

COUNT = 12
DIGITS = tuple("0123456789")


def of(
    task: str, class_names: Sequence[str] = DIGITS, picture: tuple[int, int, int] = (28, 28, 1)
) -> tuple[DataSpec, Any]:
    """What a data source says of a task's examples, and `COUNT` of them.

    Args:
        class_names: of outputs that have classes.
        picture: shape of a picture.
    """
    kind, output = kinds.tasks()[task]
    if kind.name not in MADE_UP:
        pytest.fail(f"add examples of the kind '{kind.name}' to MADE_UP in tests/made_up.py")
    return MADE_UP[kind.name](tuple(class_names) if output.has_classes else (), picture)


def first(examples: Any, count: int) -> Any:
    """The first examples of those that `of` made."""
    if isinstance(examples, dict):
        return {name: values[:count] for name, values in examples.items()}
    return examples[:count]


def _images(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    pixels = np.random.default_rng(0).integers(0, 256, (COUNT, *picture), np.uint8)
    return DataSpec(picture, "uint8", class_names, ""), pixels


def _noise(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    noise = np.random.default_rng(0).normal(size=(COUNT, 64)).astype(np.float32)
    return DataSpec((64,), "float32", (), "", picture_shape=picture), noise


def _table(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    """A number with gaps and three categories: five features."""
    columns = (Column("age", "age", "number"), Column("town", "town", "category"))
    rows = {
        "age": np.array([3, 1, np.nan, 2] * 3, np.float32),
        "town": np.array(["Bonn", "Ulm", "Köln", "Ulm"] * 3, object),
    }
    spec = DataSpec(
        (), "", class_names, "", columns=columns, target="price", target_mean=5.0, target_std=2.0
    )
    return spec, rows


def _texts(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    """Eight different tokens; one text has four, one has more, and one none."""
    texts = np.array(["a b c d", "E, f 猫", "b a c , e d f 猫 a b", ""] * 3, object)
    return DataSpec((), "string", class_names, "", text="text", target="label"), texts


def _corpus(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    """Texts of different length over eight characters."""
    texts = np.array(["abcdefgh", "hgfabc", "aa", "x"] * 3, object)
    return DataSpec((), "string", (*RESERVED_NAMES, *"abcdefgh"), ""), texts


def _series(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    """Ten steps of two columns with a gap, of which both are forecast for three steps."""
    columns = (SeriesColumn("load", 5.0, 2.0), SeriesColumn("wind", -1.0, 0.5))
    forecast = Forecast(columns, columns, 3, ("time",), ("number",), Frequency("number", 1))
    windows = np.random.default_rng(0).normal(2, 2, (COUNT, 10, 2)).astype(np.float32)
    windows[1, 3:5, 0] = np.nan
    spec = DataSpec((10, 2), "float32", class_names, "", series=forecast, target="load, wind")
    return spec, windows


def _sequences(class_names: tuple[str, ...], picture: tuple[int, ...]) -> tuple[DataSpec, Any]:
    """Series of up to ten steps and two channels, with a gap and ends of their own."""
    values = np.random.default_rng(0).normal(2, 2, (COUNT, 10, 2)).astype(np.float32)
    values[1, 3:5, 0] = np.nan
    for place, length in enumerate([10, 7, 4, 1]):
        values[place, length:] = np.nan
    return DataSpec((10, 2), "float32", class_names, ""), values


MADE_UP: dict[str, Callable[[tuple[str, ...], tuple[int, ...]], tuple[DataSpec, Any]]] = {
    "image": _images,
    "image_generation": _noise,
    "language_modeling": _corpus,
    "sequence": _sequences,
    "series": _series,
    "table": _table,
    "text": _texts,
}
