"""The parts of a training: its examples, preprocessor, network and loop."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from dlcli import data, preprocessing, tasks
from dlcli.artifacts import contents
from dlcli.data.together import together
from dlcli.devices.replicas import Replicas
from dlcli.events import Events, Stage, Warned
from dlcli.recipe.schema import Recipe
from dlcli.training import (
    batch_norm_statistics,
    fused,
    objective,
    optimizers,
    pipeline,
    samples,
    schedules,
)
from dlcli.training.batch_norm_statistics import BatchNormStatistics
from dlcli.training.loop import Batches, Limits, Loop, Position
from dlcli.training.profile import Profile


class Prepared:
    """A training before its first step.

    Args:
        recipe: with nothing left open.
        preprocessor: as fitted; None to fit it.
        chosen: where the training ended that chose the number of epochs, for `training.refit`;
            this one then takes the train and validation splits together.

    Attributes:
        raw_train: raw examples of the train split.
        train: the same, as numbers where they are made at once.
        core: what is trained.
        kept: what is kept of it: often the core.
        learning_rate: the rate itself where it never changes, else a function of the step.
        loop: with the compiled trainer of the core.
        samples: writes texts, of a model that does.
    """

    def __init__(
        self,
        recipe: Recipe,
        dataset: data.DataSet,
        events: Events,
        *,
        preprocessor: keras.Model | None = None,
        replicas: Replicas | None = None,
        profile: Profile | None = None,
        chosen: Position | None = None,
    ) -> None:
        self.recipe, self.dataset, self.chosen = recipe, dataset, chosen
        self.replicas = replicas or Replicas()
        for warning in dataset.spec.warnings if not chosen else ():
            events(Warned(warning))
        events(Stage("building the model"))
        keras.utils.set_random_seed(recipe.training.seed)
        splits, spec = dataset.splits, dataset.spec
        self.preprocessor = preprocessor or preprocessing.adapt(recipe, splits.train, spec)
        self.raw_train = together(splits.train, splits.validation) if chosen else splits.train
        # A refit is not validated: its own examples stand in, which are preprocessed once.
        self.train, validation = self.raw_train, self.raw_train if chosen else splits.validation
        self._preprocessor_of_batches: keras.Model | None = self.preprocessor
        self._numbers_of_train = preprocessing.numbers(recipe, self.raw_train, self.preprocessor)
        if self._numbers_of_train and (numbers := self.numbers(validation)):
            self.train, validation = self._numbers_of_train, numbers
            self._preprocessor_of_batches = None
        shares = self.replicas.shares()
        batches = Batches(
            self._train_batches(shares),
            pipeline.evaluation_batches(
                validation,
                self._preprocessor_of_batches,
                batch_size=recipe.training.batch_size,
                shares=shares,
            ),
            num_train=len(self.train),
            num_validation=0 if chosen else len(splits.validation),
            size=recipe.training.batch_size,
        )
        with self.replicas.scope():
            self._build(batches, profile)
        self.loop.prepare()
        self.samples = samples.of(recipe, self.preprocessor, self.core, spec)

    def numbers(self, split: data.Split) -> data.Split | None:
        """A split after its preprocessing; None where that is done batch by batch."""
        if split is self.raw_train:
            return self._numbers_of_train
        return preprocessing.numbers(self.recipe, split, self.preprocessor)

    @property
    def train_batches(self) -> Callable[[int, int], tf.data.Dataset]:
        """(epoch, first_step) -> whole batches of that epoch from that step on."""
        return self._train_batches(None)

    def _train_batches(
        self, shares: pipeline.Shares | None
    ) -> Callable[[int, int], tf.data.Dataset]:
        training = self.recipe.training

        def batches(epoch: int, first_step: int) -> tf.data.Dataset:
            return pipeline.train_batches(
                self.train,
                self._preprocessor_of_batches,
                getattr(self.recipe, "augmentation", None),
                batch_size=training.batch_size,
                seed=training.seed,
                epoch=epoch,
                first_step=first_step,
                shares=shares,
            )

        return batches

    def _build(self, batches: Batches, profile: Profile | None) -> None:
        """Build the core and what trains it."""
        recipe, spec, chosen = self.recipe, self.dataset.spec, self.chosen
        training = recipe.training
        if chosen:  # what ends with the training is shortened to it
            training = training.model_copy(update={"epochs": chosen.best_epoch})
        core = tasks.build_core(recipe, self.preprocessor, spec, training.precision)
        contents.check_before_training(self.preprocessor, core)
        core = fused.fuse(core, replicated=self.replicas.num_replicas > 1)
        self.core = objective.of_core(core, recipe.task, training, self.raw_train, spec)
        trainer, self.kept = tasks.trainer(recipe, self.core, spec, training.precision)
        patience, max_seconds = None, None
        if not chosen:
            if isinstance(training.early_stopping_epochs, int):
                patience = training.early_stopping_epochs
            if training.max_minutes:
                max_seconds = training.max_minutes * 60
        plateau = schedules.plateau(training, chosen.lowerings if chosen else ())
        self.loop = Loop(
            trainer,
            batches,
            Limits(
                epochs=training.epochs,
                early_stopping_epochs=patience,
                max_seconds=max_seconds,
                checkpoint_seconds=training.checkpoint_minutes * 60,
                checkpoint_steps=training.checkpoint_steps,
            ),
            monitor=training.monitor,
            plateau=plateau,
            averages_weights=training.ema_momentum is not None,
            compiled=training.compile == "xla",
            profile=profile,
            kept=self.kept,
            statistics=self._statistics(),
            replicas=self.replicas,
        )
        self.learning_rate = schedules.build(training, batches.steps_per_epoch, plateau)
        head = tasks.head_of(recipe.task)
        # A trainer of two networks gives each an optimizer of its own.
        num_optimizers = getattr(trainer, "num_optimizers", 1)
        trainer.compile(
            *(optimizers.build(training, self.learning_rate) for _ in range(num_optimizers)),
            loss=head.loss(spec),
            metrics=[metric(spec) for metric in head.METRICS.values()],
            jit_compile=False,
        )

    def _statistics(self) -> BatchNormStatistics | None:
        """Estimator of the kept model's batch normalisation statistics; None without any."""
        training, layers = self.recipe.training, batch_norm_statistics.layers_of(self.kept)
        if not layers or training.batch_norm_statistics == "moving":
            return None

        def batches(num_examples: int, batch_size: int) -> tf.data.Dataset:
            return pipeline.sample_batches(
                self.train,
                self._preprocessor_of_batches,
                num_examples,
                batch_size=batch_size,
                seed=training.seed,
                shares=self.replicas.shares(),
            )

        return BatchNormStatistics(
            self.kept,
            batches,
            num_train=len(self.train),
            batch_size=training.batch_size,
            always=training.batch_norm_statistics == "estimated",
            replicas=self.replicas,
        )
