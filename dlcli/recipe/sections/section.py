"""What all sections of a recipe have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Key of every `data` section whose source may be a folder of class folders.
Folders = Annotated[
    Literal["auto", "classes"],
    Field(
        description="'classes': the subfolders are classes, even if they all hold the same "
        "subfolders as splits and groups do."
    ),
]
# Keys of every `data` section whose source may come unsplit.
ValidationFraction = Annotated[
    float, Field(gt=0, lt=1, description="Share of the train split held out when none is given.")
]
TestFraction = Annotated[
    float,
    Field(gt=0, lt=1, description="Share of all examples held out when no test split is given."),
]
LabelCase = Annotated[
    Literal["keep", "ignore"],
    Field(description="Whether labels that differ in case alone, Yes and yes, are one class."),
]
MISSING_VALUES = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")

# Key of every `data` section that several classes of an example may come from.
LABEL_SEPARATORS = ("|", ";", ",", " ")
LabelSeparator = Annotated[
    Literal["auto"] | Annotated[str, Field(min_length=1, max_length=1)],
    Field(
        description="The character between the labels of an example, where it may have several; "
        "'auto' takes the first of | ; , and blank that the train split has there."
    ),
]

ColumnNames = tuple[Annotated[str, Field(min_length=1)], ...]


class Section(BaseModel):
    """A part of a recipe: frozen, no unknown keys, no silent conversions.

    A section of several bases has the keys of the last one first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Split(Section):
    """How examples that come unsplit are split."""

    validation_fraction: ValidationFraction = 0.1
    test_fraction: TestFraction = 0.2
    split_seed: int = Field(
        default=0,
        ge=0,
        description="Seed of the splits; apart from training.seed, so that seeds compare.",
    )
    copies: Literal["together", "apart"] = Field(
        default="together",
        description="'together' keeps identical examples in one split where splits are cut; "
        "'apart' cuts as if there were none.",
    )


class Lines(Section):
    """How a text file with columns is written."""

    header: bool | Literal["auto"] = Field(
        default="auto",
        description="Whether the first line names the columns; 'auto' compares it with the lines "
        "below. Without names they are column_1, column_2, ...",
    )
    encoding: str = Field(
        default="auto",
        description="Encoding of text files, such as utf-8, gb18030 or latin-1; 'auto' finds out.",
    )
    separator: Literal["auto", "comma", "semicolon", "tab", "pipe", "space"] = Field(
        default="auto",
        description="What stands between the cells of a line; 'space' is any number of blanks.",
    )
    quote: Literal["auto", "double", "single", "backslash", "none"] = Field(
        default="auto",
        description="Quotation marks around cells; 'backslash': double ones, with a backslash "
        "before those inside; 'none' for files that never quote their cells.",
    )
    skip_lines: Annotated[int, Field(ge=0)] | Literal["auto"] = Field(
        default="auto",
        description="Lines to leave out at the start of a text file; 'auto': comments that begin "
        "with #, and a title.",
    )


class LabelledLines(Lines):
    """The same with a column of classes."""

    label_case: LabelCase = "keep"


class Numbers(Section):
    """How the numbers of a text file are written."""

    missing_values: tuple[str, ...] = Field(
        default=MISSING_VALUES, description="Cells that mean that there is no value."
    )
    decimal: Literal["auto", ".", ","] = Field(
        default="auto", description="The decimal point of numbers in text files; 'auto' finds out."
    )
    thousands: Literal["auto", "none", ",", ".", "space", "'"] = Field(
        default="auto",
        description="What stands between the thousands of numbers; 'auto' finds out.",
    )
    units: Literal["auto", "keep"] = Field(
        default="auto",
        description="'auto' leaves out the unit of a column of numbers, such as 12 %, $5 or 3 kg; "
        "'keep' takes such cells for text.",
    )
