"""Pictures without classes, that others like them are to be made of noise."""

from __future__ import annotations

from pydantic import Field

from dlcli.recipe.sections import image


class Data(image.Files):
    """Where pictures come from and how they are split."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, or the path of a folder of images "
        "(train/, val/ and test/ folders in it are understood, other subfolders are not told "
        "apart).",
    )


class Preprocessing(image.Form):
    """What a picture is made from, and its form."""

    noise_size: int = Field(
        default=64, ge=1, description="Random numbers that a picture is made from."
    )


Augmentation = None
Embedding = None
