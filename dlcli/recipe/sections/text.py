"""Texts: where they come from, how they become numbers, how these become vectors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcli.recipe.sections import section
from dlcli.recipe.sections.section import Section


class _Source(Section):
    """Where texts come from, and what tells their classes."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, or the path of a CSV, TSV, JSON lines or Parquet file "
        "(.gz is understood), of a folder with train, val and test files, or of a folder with one "
        "subfolder of text files a class (train/, val/ and test/ folders around them are "
        "understood).",
    )
    folders: section.Folders = "auto"
    text: str | None = Field(
        default=None,
        description="Column of the texts; null takes the one named text, or the only one beside "
        "the label.",
    )
    label: str | None = Field(
        default=None,
        description="Column of the classes; null takes the one named label or labels, or the only "
        "one beside the text.",
    )


class Data(section.LabelledLines, section.Split, _Source):
    """Where texts come from, what tells their classes, and how they are split."""

    label_separator: section.LabelSeparator = "auto"


class Preprocessing(Section):
    """How a text becomes numbers; part of the trained model."""

    split: Literal["word", "character"] = Field(
        default="word",
        description="What a token is. 'word': letters and digits side by side, or one other "
        "character; Chinese characters and Japanese kana are tokens each. 'character': one "
        "character. White space and <br> tags are never tokens.",
    )
    lower_case: bool = Field(default=True, description="Whether letters lose their case.")
    strip_accents: bool = Field(default=False, description="Whether letters lose their accents.")
    vocabulary_size: int = Field(
        default=20_000,
        ge=1,
        description="Tokens that are told apart, the most frequent of the train split; the rarer "
        "ones become one.",
    )
    min_token_count: int = Field(
        default=2,
        ge=1,
        description="Times that a token must stand in the train split to be told apart.",
    )
    sequence_length: int | None = Field(
        default=None,
        ge=1,
        description="Tokens that are read of a text; null takes the length that 95 % of the train "
        "split's texts keep within, at most 512.",
    )
    truncation: Literal["end", "start"] = Field(
        default="end", description="Which end of a longer text is cut off."
    )


class Embedding(Section):
    """How tokens become vectors; the first layer of the network."""

    size: int | None = Field(
        default=64,
        ge=1,
        description="Numbers of each token's vector, which are learned; null makes vectors of one "
        "1 and 0 elsewhere.",
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the vectors' numbers dropped."
    )
    token_dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of tokens whose vector is dropped whole."
    )
    bigram_buckets: int = Field(
        default=0,
        ge=0,
        le=10_000_000,
        description="Vectors of pairs of neighbouring tokens, which share them by a hash (Joulin "
        "et al., 2017) and are added to the second one's; 0 for none.",
    )


Augmentation = None
