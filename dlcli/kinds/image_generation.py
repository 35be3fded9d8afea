"""Images that a generator learns to make of noise."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import generated_image

KIND = Kind(
    "image_generation",
    tasks={"image-generation": generated_image.OUTPUT},
    unit="pictures",
    example_recipe="digits-gan",
    source="picture_folder",
    source_description="a folder of images",
    built_in_kind="image",
    stored_name="pictures",
    keys_of_0_1={"copies": "apart", "bit_depth": 16, "background": "white"},
    example_is_a_file=True,
    inputs=(),
    refusals={
        "predict": (
            "this model makes pictures of noise; there is nothing to predict.",
            "Make some: dlcli generate RUN --count 64 --output pictures.png",
        ),
        "explain": (
            "this model makes pictures of noise, and no part of the noise has a meaning that an "
            "explanation could name.",
            "Look at what it makes: dlcli generate RUN --count 64 --output pictures.png",
        ),
        "request": ("this model makes pictures of noise. Ask for some at /generate.", ""),
    },
)
