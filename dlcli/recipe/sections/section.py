"""What all sections of a recipe have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Keys of every `data` section whose source may come unsplit.
ValidationFraction = Annotated[
    float, Field(gt=0, lt=1, description="Share of the train split held out when none is given.")
]
TestFraction = Annotated[
    float,
    Field(gt=0, lt=1, description="Share of all examples held out when no test split is given."),
]
SplitSeed = Annotated[
    int,
    Field(ge=0, description="Seed of the splits; apart from training.seed, so that seeds compare."),
]

# Key of every `data` section whose source may be a folder of class folders.
Folders = Annotated[
    Literal["auto", "classes"],
    Field(
        description="'classes': the subfolders are classes, even if they all hold the same "
        "subfolders as splits and groups do."
    ),
]

Copies = Annotated[
    Literal["together", "apart"],
    Field(
        description="'together' keeps identical examples in one split where splits are cut; "
        "'apart' cuts as if there were none."
    ),
]

# Keys of every `data` section whose source may be a text file with columns: all have defaults.
Header = Annotated[
    bool | Literal["auto"],
    Field(
        description="Whether the first line names the columns; 'auto' compares it with the lines "
        "below. Without names they are column_1, column_2, ..."
    ),
]
Encoding = Annotated[
    str,
    Field(
        description="Encoding of text files, such as utf-8, gb18030 or latin-1; 'auto' finds out."
    ),
]
Separator = Annotated[
    Literal["auto", "comma", "semicolon", "tab", "pipe", "space"],
    Field(description="What stands between the cells of a line; 'space' is any number of blanks."),
]
Quote = Annotated[
    Literal["auto", "double", "single", "backslash", "none"],
    Field(
        description="Quotation marks around cells; 'backslash': double ones, with a backslash "
        "before those inside; 'none' for files that never quote their cells."
    ),
]
SkipLines = Annotated[
    Annotated[int, Field(ge=0)] | Literal["auto"],
    Field(
        description="Lines to leave out at the start of a text file; 'auto': comments that begin "
        "with #, and a title."
    ),
]
MissingValues = Annotated[
    tuple[str, ...], Field(description="Cells that mean that there is no value.")
]
MISSING_VALUES = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")

Decimal = Annotated[
    Literal["auto", ".", ","],
    Field(description="The decimal point of numbers in text files; 'auto' finds out."),
]
Thousands = Annotated[
    Literal["auto", "none", ",", ".", "space", "'"],
    Field(description="What stands between the thousands of numbers; 'auto' finds out."),
]
Units = Annotated[
    Literal["auto", "keep"],
    Field(
        description="'auto' leaves out the unit of a column of numbers, such as 12 %, $5 or 3 kg; "
        "'keep' takes such cells for text."
    ),
]
MissingLabels = Annotated[
    Literal["auto"] | tuple[str, ...],
    Field(
        description="Cells of the target that mean that a row has no class; 'auto': those of "
        "missing_values, but None, NA or null where they seem to name a class."
    ),
]
LabelCase = Annotated[
    Literal["keep", "ignore"],
    Field(description="Whether labels that differ in case alone, Yes and yes, are one class."),
]

ColumnNames = tuple[Annotated[str, Field(min_length=1)], ...]


class Section(BaseModel):
    """A part of a recipe: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
