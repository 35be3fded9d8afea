"""Images with a label each."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import classification, multilabel

KIND = Kind(
    "image",
    tasks={
        "image-classification": classification.OUTPUT,
        "image-multilabel": multilabel.OUTPUT,
    },
    unit="images",
    example_recipe="digits-cnn",
    source="image_folder",
    source_description="a folder with one subfolder per class, or a table of file names and labels",
    keys_of_0_1={"copies": "apart", "bit_depth": 16, "background": "white"},
    example_is_a_file=True,
    takes_image_files=True,
    # LiteRT is fastest when what a layer makes of a batch stays in the processor's cache; each
    # call of TensorFlow has a price of its own, so there more go together.
    largest_batch=32,
    largest_batch_in_tensorflow=256,
)
