"""How the weights are found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcli.sections.section import Section


class Training(Section):
    """How the weights are found."""

    epochs: int = Field(default=10, ge=1, description="Passes over the train split.")
    batch_size: int = Field(default=64, ge=1, description="Examples a step.")
    optimizer: Literal[
        "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "rmsprop", "sgd", "lion"
    ] = Field(default="adam", description="Keras optimizer.")
    learning_rate: float = Field(
        default=1e-3, gt=0, description="Learning rate, the peak of its schedule."
    )
    momentum: float = Field(default=0.0, ge=0, lt=1, description="Momentum, for sgd and rmsprop.")
    weight_decay: float = Field(
        default=0.0, ge=0, description="Decoupled weight decay a step, times the learning rate."
    )
    gradient_clip_norm: float | None = Field(
        default=None, gt=0, description="Scale all gradients down to this joint norm."
    )
    schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        default="constant",
        description="'cosine' falls to 0 by the last step; 'one-cycle' rises over the first "
        "three tenths and then falls to 0 (Smith and Topin, 2018).",
    )
    warmup_epochs: float = Field(
        default=0.0,
        ge=0,
        description="Epochs in which the learning rate rises from 0 ('one-cycle' has its own).",
    )
    early_stopping_epochs: int | None = Field(
        default=None,
        ge=1,
        description="Stop after this many epochs without a better validation result.",
    )
    max_minutes: float | None = Field(
        default=None, gt=0, description="Stop training after this time."
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32",
        description="Keras dtype policy while training; what is saved is float32.",
    )
    checkpoint_minutes: float = Field(
        default=5.0,
        gt=0,
        description="Minutes between checkpoints; an epoch ends with one too, unless that takes "
        "more than 0.5 % of the time.",
    )
    checkpoint_steps: int | None = Field(
        default=None, ge=1, description="Steps between checkpoints, besides checkpoint_minutes."
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed of weights, order, dropout, augmentation."
    )
