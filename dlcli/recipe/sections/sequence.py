"""Sequences: whole series, each of one class, of equal lengths or not."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcli.recipe.sections import section
from dlcli.recipe.sections.section import Section


class _Source(Section):
    """Where whole series come from."""

    source: str | None = Field(
        default=None,
        description="A built-in set of series; a .ts file of the UCR and UEA archives, whose "
        "partner is found (NAME_TRAIN.ts and NAME_TEST.ts), or a folder with such a pair; or a "
        "table with a series a row: its label, then its steps.",
    )
    label: str | None = Field(
        default=None,
        description="Of a table, the column of the classes; null takes the one named label, class "
        "or target, or without names the first.",
    )
    features: section.ColumnNames | None = Field(
        default=None,
        description="Of a table, the columns of the steps in their order; null takes all but the "
        "label, the excluded ones and those that name the series, such as an id.",
    )
    exclude: section.ColumnNames = Field(
        default=(), description="Of a table, columns to leave out."
    )


class Data(section.Numbers, section.LabelledLines, section.Split, _Source):
    """Where whole series come from and how they are split."""


class Preprocessing(Section):
    """How a series becomes numbers; part of the trained model."""

    steps: int | None = Field(
        default=None,
        ge=1,
        description="Steps that are read: the rest of a longer series is cut off, and what follows "
        "the end of a shorter one does not count. null takes the longest of the train split.",
    )
    scaling: Literal["standard", "none"] = Field(
        default="standard",
        description="'standard' gives each channel mean 0 and variance 1 over the train split.",
    )
    missing: Literal["interpolate", "forward", "fail"] = Field(
        default="interpolate",
        description="What a gap in a series becomes: a line between the values around it, or the "
        "value before it; 'fail' refuses.",
    )
    missing_indicator: bool = Field(
        default=False, description="Add a feature a channel that says where it was missing."
    )


Augmentation = None
Embedding = None
