"""Tables: where they come from, what their columns are, how these become numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcli.recipe.sections import section
from dlcli.recipe.sections.section import Section


class _Source(Section):
    """Where tables come from, and which columns are used."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, or the path of a CSV, TSV, JSON lines or Parquet file "
        "(.gz is understood), or of a folder with train, val and test files.",
    )
    target: str | None = Field(
        default=None,
        description="Column to predict; null takes the one named target or label, or that of a "
        "built-in data set.",
    )
    features: section.ColumnNames | None = Field(
        default=None, description="Columns to predict from; null takes all others."
    )
    exclude: section.ColumnNames = Field(
        default=(), description="Columns to leave out, such as one that gives the answer away."
    )
    categories: section.ColumnNames = Field(
        default=(), description="Columns whose numbers are names, such as postal codes."
    )


class Data(section.Numbers, section.Lines, section.Split, _Source):
    """Where tables come from, which columns are used, and how rows are split."""

    missing_labels: Literal["auto"] | tuple[str, ...] = Field(
        default="auto",
        description="Cells of the target that mean that a row has no class; 'auto': those of "
        "missing_values, but None, NA or null where they seem to name a class.",
    )
    label_case: section.LabelCase = "keep"


class Preprocessing(Section):
    """How columns become numbers; part of the trained model."""

    missing: Literal["indicator", "mean", "fail"] = Field(
        default="indicator",
        description="What a missing value becomes: 'mean' puts the train split's mean (of "
        "categories: none), 'indicator' does so and adds a feature that says it; 'fail' refuses.",
    )
    clip: float | None = Field(
        default=None,
        gt=0,
        description="Standard deviations from the mean at which numbers are cut off: a network "
        "answers anything to a wrong cell far outside. A straight line needs no bound.",
    )
    max_categories: int = Field(
        default=100,
        ge=1,
        description="Categories of a column that are told apart; the rarer ones become one.",
    )
    min_category_count: int = Field(
        default=3,
        ge=1,
        description="Train rows that a category needs to be told apart from the rare ones.",
    )


Augmentation = None
Embedding = None
