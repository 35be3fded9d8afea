"""Pictures as what a model is to make: the input is noise, the target a picture."""

from __future__ import annotations

from dlcli.data import DataSet, DataSpec, Split, Splits
from dlcli.inputs import noise
from dlcli.recipe.sections.image_generation import Data, Preprocessing


def borrowed(dataset: DataSet, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Turn an image dataset into GAN training data: drop labels, add noise inputs."""
    splits = {
        name: of_split(split, preprocessing.noise_size, data.split_seed)
        for name, split in vars(dataset.splits).items()
    }
    spec = dataset.spec
    return DataSet(
        Splits(**splits),
        DataSpec(
            input_shape=(preprocessing.noise_size,),
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
