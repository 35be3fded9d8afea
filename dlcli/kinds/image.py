"""Images with a label each."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import classification

KIND = Kind(
    "image",
    tasks={"image-classification": classification.OUTPUT},
    unit="images",
    example_recipe="digits-cnn",
    source="image_folder",
    source_description="a folder with one subfolder per class, or a table of file names and labels",
    keys_of_0_1={"copies": "apart", "bit_depth": 16, "background": "white"},
    example_is_a_file=True,
)
