"""Series: tables in order of time, of which the next steps are predicted from those before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dlcli.recipe.sections import section
from dlcli.recipe.sections.section import Section

RowCount = Annotated[int, Field(ge=1)]


class _Source(Section):
    """Where a series comes from, which columns are used, and where it is cut."""

    source: str | None = Field(
        default=None,
        description="A built-in series, or the path of a CSV, TSV, JSON lines or Parquet file "
        "(.gz is understood) with a row a step.",
    )
    time: str | section.ColumnNames | None = Field(
        default=None,
        description="Column of the times, or a list of columns that together are the times, such "
        "as [year, month, day, hour] or [date, clock]; [] for none. null takes dates, years with "
        "months and so on, or numbers named time, date, timestamp, year and the like. Rows are "
        "sorted by it; without it, as they come.",
    )
    time_format: str | section.ColumnNames | None = Field(
        default=None,
        description="How times are written, such as '%d/%m/%Y %H:%M', or a list of a format for "
        "each column of data.time; %q is a quarter, %G-W%V an ISO week. null finds out.",
    )
    frequency: str | None = Field(
        default=None,
        description="From one row to the next, such as '15 minutes', '1 day', '1 business day', "
        "'1 day on Mon, Thu', '1 month', '1 month on last day' or, of times that are numbers, "
        "'0.5'; null finds out.",
    )
    target: str | section.ColumnNames | None = Field(
        default=None,
        description="Column to predict, or a list of them; null takes the one named target, or "
        "without it all features.",
    )
    features: section.ColumnNames | None = Field(
        default=None,
        description="Columns to predict from; null takes all that hold numbers, the targets' own "
        "past among them.",
    )
    exclude: section.ColumnNames = Field(default=(), description="Columns to leave out.")
    validation_fraction: section.ValidationFraction = 0.1
    test_fraction: section.TestFraction = 0.2
    split_rows: tuple[RowCount, RowCount, RowCount] | None = Field(
        default=None,
        description="Rows of the train, validation and test split, in this order from the first "
        "row on, in place of the fractions; rows after them are not used.",
    )


class Data(section.Numbers, section.Lines, _Source):
    """Where a series comes from, which columns are used, and where it is cut."""


class Preprocessing(Section):
    """How a series becomes windows and these become numbers; part of the trained model."""

    steps: int = Field(default=10, ge=1, description="Steps that a forecast is made from.")
    horizon: int = Field(default=1, ge=1, description="Steps that are forecast, all at once.")
    stride: int = Field(
        default=1,
        ge=1,
        description="Rows from one training window to the next; validation and test take all.",
    )
    scaling: Literal["standard", "none"] = Field(
        default="standard",
        description="'standard' gives each column mean 0 and variance 1 over the train split.",
    )
    relative_to: Literal["none", "last", "mean"] = Field(
        default="none",
        description="What is taken off each column of a window, and added to its forecast again: "
        "its last value, so that a network that answers 0 forecasts no change (NLinear of Zeng et "
        "al., 2023), or its mean.",
    )
    missing: Literal["interpolate", "forward", "fail"] = Field(
        default="interpolate",
        description="What a gap in a window becomes: a line between the values around it, or the "
        "value before it; 'fail' refuses. Targets that are missing are neither learned nor "
        "measured.",
    )
    missing_indicator: bool = Field(
        default=False, description="Add a feature a column that says where it was missing."
    )


Augmentation = None
Embedding = None
