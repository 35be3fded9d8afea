"""What all sections of a recipe have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Keys of every `data` section whose source may come unsplit.
ValidationFraction = Annotated[
    float, Field(gt=0, lt=1, description="Share of the train split held out when none is given.")
]
TestFraction = Annotated[
    float,
    Field(gt=0, lt=1, description="Share of all examples held out when no test split is given."),
]
SplitSeed = Annotated[
    int,
    Field(ge=0, description="Seed of the splits; apart from training.seed, so that seeds compare."),
]


class Section(BaseModel):
    """A part of a recipe: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
