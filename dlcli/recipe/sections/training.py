"""How the weights are found."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from dlcli.recipe.sections.section import Section


class Training(Section):
    """How the weights are found."""

    epochs: int = Field(default=10, ge=1, description="Passes over the train split.")
    batch_size: int = Field(
        default=64, ge=1, description="Examples a step, of all devices together."
    )
    optimizer: Literal[
        "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "rmsprop", "sgd", "lion"
    ] = Field(default="adam", description="Keras optimizer.")
    learning_rate: float = Field(
        default=1e-3, gt=0, description="Learning rate, the peak of its schedule."
    )
    momentum: float = Field(default=0.0, ge=0, lt=1, description="Momentum, for sgd and rmsprop.")
    nesterov: bool = Field(
        default=False, description="Nesterov's momentum in place of the plain one, for sgd."
    )
    beta_1: float = Field(
        default=0.9,
        ge=0,
        lt=1,
        description="Share of the mean of gradients that a step keeps, for adam, adamw, nadam, "
        "adamax and lion.",
    )
    weight_decay: float = Field(
        default=0.0, ge=0, description="Decoupled weight decay a step, times the learning rate."
    )
    gradient_clip_norm: float | None = Field(
        default=None, gt=0, description="Scale all gradients down to this joint norm."
    )
    gradient_clip_value: float | None = Field(
        default=None, gt=0, description="Cut each gradient's elements off at this size."
    )
    gradient_accumulation_steps: int = Field(
        default=1,
        ge=1,
        description="Steps whose gradients are averaged for one change of the weights, as with "
        "batches that many times larger; they go on over the end of an epoch.",
    )
    schedule: Literal["constant", "cosine", "one-cycle", "exponential", "step", "plateau"] = Field(
        default="constant",
        description="'cosine' falls to min_learning_rate by the last step; 'one-cycle' rises over "
        "the first three tenths and then falls so (Smith and Topin, 2018); 'exponential' falls "
        "steadily, by decay_factor every decay_epochs; 'step' does so at once, or at each of "
        "decay_at_epochs; 'plateau' after decay_epochs without a better validation result.",
    )
    warmup_epochs: float = Field(
        default=0.0,
        ge=0,
        description="Epochs in which the learning rate rises from 0 ('one-cycle' has its own).",
    )
    decay_factor: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="What 'exponential', 'step' and 'plateau' multiply the learning rate by.",
    )
    decay_epochs: int = Field(
        default=10, ge=1, description="Epochs of 'exponential', 'step' and 'plateau': see schedule."
    )
    decay_at_epochs: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(),
        description="Epochs after which 'step' lowers the learning rate, in place of decay_epochs.",
    )
    min_learning_rate: float = Field(
        default=0.0, ge=0, description="No schedule goes below this after its warm-up."
    )
    ema_momentum: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Keep a running average of the weights, over about 1 / (1 - ema_momentum) "
        "steps: what is validated, chosen as the best and saved is the average.",
    )
    label_smoothing: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Share of each label that training spreads over all classes, for "
        "classification. The loss shown for the train split has it; those of validation and test "
        "do not.",
    )
    class_weights: Literal["none", "balanced"] = Field(
        default="none",
        description="'balanced' weighs each class by the inverse of its share of the train split, "
        "for classification. The loss shown for the train split has the weights; all other "
        "figures do not.",
    )
    monitor: str = Field(
        default="auto",
        min_length=1,
        description="Validation metric that chooses the epoch whose weights are kept, and that "
        "'plateau' and early stopping go by: 'loss' or a metric of the task, such as accuracy. "
        "'auto' takes the loss for classification and the task's error for numbers.",
    )
    batch_norm_statistics: Literal["auto", "estimated", "moving"] = Field(
        default="auto",
        description="Mean and variance with which batch normalisation is validated and saved: "
        "'estimated' anew from up to 50 batches of the train split after each epoch, or the "
        "'moving' averages of training, which take several hundred steps to become right. 'auto' "
        "estimates them as long as fewer than 2,000 steps were taken.",
    )
    early_stopping_epochs: Annotated[int, Field(ge=1)] | Literal["auto"] | None = Field(
        default="auto",
        description="Stop after this many epochs without a better validation result; null for "
        "never. 'auto': after 10 with the schedule 'constant', after 10 and 2 decay_epochs with "
        "'plateau'; all others are trained to their end.",
    )
    refit: bool = Field(
        default=False,
        description="Once the epoch to keep is known, train anew from the same initial weights "
        "on the train and validation splits together, for so many epochs: that model is kept. "
        "Schedules that end with the training are shortened to it.",
    )
    max_minutes: float | None = Field(
        default=None, gt=0, description="Stop training after this time."
    )
    precision: Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32",
        description="Keras dtype policy while training; what is saved is float32. 'auto' takes "
        "bfloat16 for convolutions and LSTM layers on a CPU that computes in it, and on a GPU "
        "what it computes in, except for recurrent layers. Reduced precision is tried on a batch "
        "first; where it fails, training is in float32.",
    )
    compile: Literal["auto", "none", "xla"] = Field(
        default="none",
        description="Whether XLA compiles the steps; 'auto': on a GPU, without recurrent layers.",
    )
    intra_op_threads: Annotated[int, Field(ge=1)] | Literal["auto"] | None = Field(
        default=None,
        description="Threads that share one operation; null for as many as there are cores. "
        "'auto' takes what 'dlcli autotune' found for this recipe on this machine, and so do the "
        "two keys above.",
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
    histograms: bool = Field(
        default=False,
        description="Show in TensorBoard how weights and gradients are distributed, after every "
        "epoch; it leaves the result alone.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed of weights, order, dropout, augmentation."
    )

    @field_validator("gradient_clip_value")
    @classmethod
    def _clips_once(cls, value: float | None, given: ValidationInfo) -> float | None:
        if value is not None and given.data.get("gradient_clip_norm") is not None:
            raise ValueError("gradient_clip_norm is given as well; gradients are clipped one way")
        return value

    @field_validator("decay_at_epochs")
    @classmethod
    def _rises(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(after <= before for before, after in itertools.pairwise(value)):
            raise ValueError("each epoch must be later than the one before it")
        return value

    @field_validator("min_learning_rate")
    @classmethod
    def _is_below_the_peak(cls, value: float, given: ValidationInfo) -> float:
        peak = given.data.get("learning_rate")
        if peak is not None and value >= peak:
            raise ValueError(f"must be less than learning_rate, which is {peak:g}")
        return value
