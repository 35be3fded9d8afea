"""The sections of a recipe: one file for each kind of data, and one for training.

What a kind's file has is `dlcli.recipe.protocols.Sections`.
"""

from __future__ import annotations

from dlcli.recipe.sections.section import Section
from dlcli.recipe.sections.training import Training

__all__ = ["Section", "Training"]
