"""Pictures as what a model is to make: the input is noise, the target a picture."""

from __future__ import annotations

from dlcli.data import DataSet, DataSpec, Split, Splits
from dlcli.inputs import noise
from dlcli.recipe.schema import Recipe


def of_images(dataset: DataSet, recipe: Recipe) -> DataSet:
    """Make a data set of images one of pictures: their classes go, noise comes.

    Args:
        dataset: of the kind "image".
        recipe: its `preprocessing.noise_size` and `data.split_seed` are read.
    """
    splits = {
        name: of_split(split, recipe.preprocessing.noise_size, recipe.data.split_seed)
        for name, split in vars(dataset.splits).items()
    }
    spec = dataset.spec
    return DataSet(
        Splits(**splits),
        DataSpec(
            input_shape=(recipe.preprocessing.noise_size,),
            input_dtype="float32",
            class_names=(),
            fingerprint=spec.fingerprint,
            bad_files=spec.bad_files,
            picture_shape=spec.input_shape,
            warnings=spec.warnings,
            inferred=spec.inferred,
        ),
    )


def of_split(split: Split, noise_size: int, seed: int) -> Split:
    """Make a split of images one of pictures."""
    drawn = noise.normal(len(split.inputs), noise_size, seed)
    return Split(drawn, split.inputs, split.rows, split.names)
