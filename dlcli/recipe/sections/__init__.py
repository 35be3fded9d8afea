"""The sections of a recipe: one file for each kind of data, and one for training.

A kind's file has the classes `Data` and `Preprocessing`, and those of `OPTIONAL` that
make sense for it.
"""

from __future__ import annotations

from dlcli.recipe.sections.section import Section
from dlcli.recipe.sections.training import Training

__all__ = ["OPTIONAL", "Section", "Training"]

# Sections that only some kinds of data have: the section -> its class in the kind's file.
OPTIONAL = {"augmentation": "Augmentation", "embedding": "Embedding"}
