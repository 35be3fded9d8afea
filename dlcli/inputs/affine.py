"""Numbers that float32 does not hold: an offset and a scale, in float64, around the model.

float32 has 24 significant bits. Seconds since 1970, UTM coordinates or a target of 1e9 + 10 x lose
in it what they differ by, and numbers below 1e-38 are 0. Where that is so, the model works on
(value - offset) / scale, and the rest of dlcli on values as they stand in the file.

`Affines` is the only place where the one becomes the other: training, predictors of every format
and explanations call `examples` before the model, and `answers` after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

import numpy as np

from dlcli.inputs.examples import Examples

LARGEST_NUMBER = 1e30
"""No larger number is read: sums and squares must stay within float32 and float64."""

_LARGEST_SPACING = 1e-3  # of float32, in standard deviations
_FLOAT32 = np.finfo(np.float32)
_ROUNDING = 4 * float(np.finfo(np.float64).eps)  # of the largest value: sums are off by that much


@dataclass(frozen=True)
class Affine:
    """The offset and scale of one column or target.

    Args:
        name: of the column, as people know it.
        key: a table's input by its key, else the place of a channel or target.
        offset, scale: the model has (value - offset) / scale.
    """

    name: str
    key: str | int
    offset: float
    scale: float

    @property
    def place(self) -> int:
        """Of a channel or target."""
        return int(self.key)

    def to_model(self, values: np.ndarray) -> np.ndarray:
        """Values in their units as the model has them, float32."""
        scores = (values.astype(np.float64) - self.offset) / self.scale
        found: np.ndarray = np.clip(scores, -_FLOAT32.max, _FLOAT32.max).astype(np.float32)
        return found

    def to_units(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers of the model as values in their units, float64."""
        values: np.ndarray = numbers.astype(np.float64) * self.scale + self.offset
        return values


@dataclass(frozen=True)
class Affines:
    """The columns and targets of a model that float32 does not hold.

    Args:
        inputs: columns of a table, or channels.
        outputs: targets.
    """

    inputs: tuple[Affine, ...] = ()
    outputs: tuple[Affine, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.inputs or self.outputs)

    def document(self) -> dict[str, Any]:
        """The `affine` entry of an artifact's metadata."""
        return {
            "inputs": [asdict(each) for each in self.inputs],
            "outputs": [asdict(each) for each in self.outputs],
        }

    def examples(self, raw: Examples) -> Examples:
        """Raw examples as the model takes them: numbers are float32, all else is as it was."""
        if isinstance(raw, dict):
            by_key = {each.key: each for each in self.inputs}
            return {
                key: by_key[key].to_model(values) if key in by_key else narrow(values)
                for key, values in raw.items()
            }
        numbers = narrow(raw)
        if self.inputs:
            numbers = np.array(numbers)  # raw examples may be a view of what others use
        for each in self.inputs:
            numbers[..., each.place] = each.to_model(raw[..., each.place])
        return numbers

    @overload
    def stored(self, raw: np.ndarray) -> np.ndarray: ...

    @overload
    def stored(self, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]: ...

    def stored(self, raw: Examples) -> Examples:
        """Raw examples in no more memory than they need: float64 only where float32 loses."""
        if isinstance(raw, dict):
            wide = {each.key for each in self.inputs}
            return {key: values if key in wide else narrow(values) for key, values in raw.items()}
        return raw if self.inputs else narrow(raw)

    def targets(self, values: np.ndarray) -> np.ndarray:
        """Targets or answers (batch, ...) in their units as the model has them: float32 numbers."""
        found = narrow(values)
        if self.outputs:
            found = np.array(found)
        for each in self.outputs:
            if values.ndim == 1:
                return each.to_model(values)
            found[..., each.place] = each.to_model(values[..., each.place])
        return found

    def answers(self, numbers: np.ndarray) -> np.ndarray:
        """Answers of the model (batch, ..., num_targets) in the targets' units.

        They are float64 where one of the targets has an offset and a scale, else as they were.
        """
        if not self.outputs:
            return numbers
        values = numbers.astype(np.float64)
        for each in self.outputs:
            values[..., each.place] = each.to_units(numbers[..., each.place])
        return values

    def of_inputs(self, means: np.ndarray, stds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means and standard deviations of channels, as the model has them."""
        return _moved(self.inputs, means, stds)

    def of_outputs(self, means: np.ndarray, stds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means and standard deviations of targets, as the model has them."""
        return _moved(self.outputs, means, stds)

    def named(self) -> list[tuple[str, float, float]]:
        """Name, offset and scale of each column and target, once."""
        every = ((each.name, each.offset, each.scale) for each in (*self.inputs, *self.outputs))
        return list(dict.fromkeys(every))

    def sentence(self) -> str:
        """What to tell of these columns, or ""."""
        names = [f"'{name}'" for name, _, _ in self.named()]
        if not names:
            return ""
        what, they = ("column", "it is") if len(names) == 1 else ("columns", "they are")
        return (
            f"float32 cannot tell the values of the {what} {_listed(names)} apart: {they} "
            "shifted and scaled in float64, before the model and back after it."
        )


NONE = Affines()


def from_metadata(document: Mapping[str, Any]) -> Affines:
    """The affines of an artifact; files of dlcli 0.1 have none."""
    entry = document.get("affine", {})
    return Affines(
        tuple(Affine(**each) for each in entry.get("inputs", ())),
        tuple(Affine(**each) for each in entry.get("outputs", ())),
    )


def fitted(name: str, key: str | int, values: np.ndarray) -> Affine | None:
    """The offset and scale of a column, or None where float32 holds its values.

    Args:
        name, key: see `Affine`.
        values: float64 (num_values,) of the train split, NaN where one is missing.
    """
    present = values[~np.isnan(values)]
    if not len(present):
        return None
    largest = float(np.abs(present).max())
    # TensorFlow takes numbers below the smallest normal one for 0.
    spacing = max(float(np.spacing(np.float32(largest))), float(_FLOAT32.tiny))
    low = float(present.min())
    distances = present - low
    span = float(distances.max())
    if span <= _ROUNDING * largest:  # a constant
        is_held = float(np.float32(low)) == low or spacing <= _LARGEST_SPACING
        return None if is_held else Affine(name, key, low, 1.0)
    # Divided by the span, as squares of very small numbers are 0 even in float64.
    shares = distances / span
    std = float(shares.std()) * span
    if spacing <= _LARGEST_SPACING * std:
        return None
    return Affine(name, key, low + float(shares.mean()) * span, std)


def mean_and_std(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation in float64; the latter is 1 where nothing varies.

    Args:
        values: (num_values,), one at least, none missing.
    """
    wide = values.astype(np.float64)
    mean, std = float(wide.mean()), float(wide.std())
    # Of equal values the mean may be off by a rounding error, and so differ from all of them.
    return mean, std if std > _ROUNDING * float(np.abs(wide).max()) else 1.0


def narrow(values: np.ndarray) -> np.ndarray:
    """float64 as float32; other arrays as they are."""
    if values.dtype != np.float64:
        return values
    with np.errstate(over="ignore"):  # a request may hold any number
        return values.astype(np.float32)


def _moved(
    affines: Sequence[Affine], means: np.ndarray, stds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    means, stds = means.astype(np.float64), stds.astype(np.float64)
    for each in affines:
        means[each.place] = (means[each.place] - each.offset) / each.scale
        stds[each.place] = stds[each.place] / each.scale
    return means, stds


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
