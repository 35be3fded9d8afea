"""Images: where they come from, how they become numbers, how they are varied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dlcli.recipe.sections import section
from dlcli.recipe.sections.section import Section


class Files(section.Split):
    """How files of images are split and read."""

    on_bad_file: Literal["skip", "fail"] = Field(
        default="skip", description="What to do with a file that is not a readable image."
    )
    bit_depth: Literal["auto", 8, 10, 12, 14, 16] = Field(
        default="auto",
        description="Bits in use of images that are stored with 16 bits per channel; 'auto' takes "
        "the fewest that the train split's largest value needs.",
    )
    background: Literal["auto", "white", "black", "gray"] = Field(
        default="auto",
        description="Colour behind transparent images; 'auto' takes white, or where more than 1 % "
        "of the train split cannot be seen on it, what hides the fewest.",
    )


class Data(Files):
    """Where images come from and how they are split."""

    source: str | None = Field(
        default=None,
        description="A built-in data set, the path of a folder with one subfolder per class "
        "(train/, val/ and test/ folders around them are understood), or of a table of file names "
        "and labels, or a folder with such a table.",
    )
    folders: section.Folders = "auto"
    file: str | None = Field(
        default=None,
        description="Column of the file names in a table of them; null takes the one whose values "
        "are files beside the table.",
    )
    label: str | None = Field(
        default=None,
        description="Column of the classes in a table of file names; null takes the one named "
        "label or class, or the only other one.",
    )
    label_separator: section.LabelSeparator = "auto"


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

    horizontal_flip: bool | Literal["auto"] = Field(
        default=False,
        description="Mirror half of the images; 'auto': unless the names of two classes mirror "
        "each other, such as left and right.",
    )
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


Embedding = None
