"""Running text: where it comes from, how it is cut into windows of characters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcli.recipe.sections.section import Section


class Data(Section):
    """Where a text comes from and where it is cut: the parts follow each other in it."""

    source: str | None = Field(
        default=None,
        description="A built-in text, or the path of a text file (.gz is understood), or of a "
        "folder of them, read in the order of their names.",
    )
    validation_fraction: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Share of the train part, from its end, held out when none is given.",
    )
    test_fraction: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Share of the text, from its end, held out when no test part is given.",
    )
    encoding: str = Field(
        default="auto",
        description="Encoding of the files, such as utf-8, gb18030 or latin-1; 'auto' finds out.",
    )


class Preprocessing(Section):
    """How a text becomes numbers; part of the trained model."""

    sequence_length: int = Field(
        default=100, ge=2, description="Characters that the network reads in one go in training."
    )
    predict: Literal["every-step", "last-step"] = Field(
        default="every-step",
        description="Whether a window asks for the next character after each of its characters, "
        "or once at its end; the latter learns a hundred times less from the same work.",
    )
    stride: int | None = Field(
        default=None,
        ge=1,
        description="Characters between the beginnings of windows; null takes sequence_length. "
        "At every step, validation and test windows always stand side by side.",
    )
    moving_windows: bool = Field(
        default=True,
        description="Let the training windows of each epoch begin elsewhere, so that no character "
        "stands at the beginning of a window every time.",
    )
    min_count: int = Field(
        default=2,
        ge=1,
        description="Times that a character must occur in the train part to be told apart; all "
        "others become one, 'unknown'.",
    )


class Embedding(Section):
    """How a character becomes a vector."""

    size: int | None = Field(
        default=None,
        ge=1,
        description="Numbers that stand for a character, learned; null takes a one for the "
        "character among zeros for all others.",
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of these numbers dropped while training."
    )


Augmentation = None
