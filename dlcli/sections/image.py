"""Images: where they come from, how they become numbers, how they are varied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dlcli.sections.section import Section, SplitSeed, TestFraction, ValidationFraction

UNIT = "images"
EXAMPLE = "digits-cnn"


class Data(Section):
    """Where images come from and how they are split."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, or the path of a folder with one subfolder a class "
        "(train/, val/ and test/ folders around them are understood).",
    )
    validation_fraction: ValidationFraction = 0.1
    test_fraction: TestFraction = 0.2
    split_seed: SplitSeed = 0
    on_bad_file: Literal["skip", "fail"] = Field(
        default="skip", description="What to do with a file that is not a readable image."
    )


class Form(Section):
    """What every image is brought to."""

    image_size: tuple[
        Annotated[int, Field(ge=1, le=4096)], Annotated[int, Field(ge=1, le=4096)]
    ] = Field(
        default=(128, 128), description="Height and width in pixels that images are resized to."
    )
    color_mode: Literal["rgb", "grayscale"] = Field(
        default="rgb", description="Channels of the image."
    )
    resize: Literal["stretch", "crop", "pad"] = Field(
        default="stretch",
        description="How another aspect ratio is met: stretch it, crop its centre, or pad it.",
    )


class Preprocessing(Form):
    """How an image becomes numbers; part of the trained model."""

    scaling: Literal["unit", "standard"] = Field(
        default="unit",
        description="'unit' divides by 255; 'standard' gives each channel mean 0 and "
        "variance 1 over the train split.",
    )


class Augmentation(Section):
    """Random changes of training images; never applied to validation or test."""

    horizontal_flip: bool = Field(default=False, description="Mirror half of the images.")
    crop: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Largest share of the area that is cut away; what is left, somewhat wider or "
        "higher than the image, fills it (Szegedy et al., 2015).",
    )
    shift: float = Field(
        default=0.0, ge=0, lt=1, description="Largest shift, as a share of the image size."
    )
    rotation: float = Field(default=0.0, ge=0, le=180, description="Largest rotation, in degrees.")
    zoom: float = Field(default=0.0, ge=0, lt=1, description="Largest change of scale, as a share.")
    brightness: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Largest change of brightness, as a share of the full range.",
    )
    contrast: float = Field(
        default=0.0, ge=0, lt=1, description="Largest change of contrast, as a share."
    )
    saturation: float = Field(
        default=0.0, ge=0, le=1, description="Largest change of saturation, as a share; of colours."
    )
    hue: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Largest turn of the hue, as a share of the full circle; of colours.",
    )
