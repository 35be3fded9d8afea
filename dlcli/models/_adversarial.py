"""A generator that learns against a discriminator, as a Keras model with its own steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from dlcli.errors import RecipeError

_SMOOTH = 0.9  # what the discriminator should say of a real picture (Salimans et al., 2016)


class Adversarial(keras.Model):
    """Trains generator and discriminator at once, each with an optimizer of its own.

    The losses are those of Goodfellow et al., 2014, section 3, the generator's in the form
    that does not saturate. Both take their step from the same pictures. What a step changes
    is all in `variables` and in the two optimizers.

    Args:
        generator: noise float (batch, noise_size) to pictures float32
            (batch, height, width, channels), 0 to 255.
        discriminator: such pictures to scores (batch, 1), above 0 for real ones.
        averaging: share of the averaged generator that each step keeps.
    """

    num_optimizers = 2

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, averaging: float
    ) -> None:
        super().__init__(name="adversarial")
        self.generator = generator
        self.discriminator = discriminator
        self.averaged = keras.models.clone_model(generator)
        self.averaged.set_weights(generator.get_weights())
        self.averaged.trainable = False
        self.averaging = averaging
        self.noise_seed = keras.random.SeedGenerator()
        self.loss_mean = keras.metrics.Mean("loss")
        self.discriminator_loss_mean = keras.metrics.Mean("discriminator_loss")
        self.measures: list[keras.Metric] = []
        self.built = True

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer,
        loss: Any = None,
        metrics: Sequence[keras.Metric] = (),
        **keywords: Any,
    ) -> None:
        """Give both networks their optimizers.

        Args:
            loss: not read; the networks have their own.
            metrics: measures of real against made pictures, on the validation split alone.

        Raises:
            RecipeError: the optimizer is to average the weights.
        """
        if getattr(getattr(optimizer, "inner_optimizer", optimizer), "use_ema", False):
            raise RecipeError(
                "training.ema_momentum averages a network that is trained alone; a generator "
                "and its discriminator are two.",
                "Leave it out: model.averaging averages the generator.",
            )
        super().compile(optimizer=optimizer, **keywords)
        self.discriminator_optimizer = discriminator_optimizer
        self.optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.measures = list(metrics)

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Both; their variables are part of the training's state."""
        return [self.optimizer, self.discriminator_optimizer]

    @property
    def metrics(self) -> list[keras.Metric]:
        """The losses and the measures."""
        return [self.loss_mean, self.discriminator_loss_mean, *self.measures]

    def get_metrics_result(self) -> dict[str, Any]:
        """The losses, and after validation the measures."""
        measured = [measure for measure in self.measures if float(measure.count) > 0]
        losses = (self.loss_mean, self.discriminator_loss_mean)
        return {metric.name: metric.result() for metric in (*losses, *measured)}

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> None:
        """Improve both networks on one batch.

        Args:
            data: noise, of which only the shape is used, and real pictures.
        """
        noise, real = data
        noise = keras.random.normal(tf.shape(noise), seed=self.noise_seed)
        real = tf.cast(real, tf.float32)
        with tf.GradientTape(persistent=True) as tape:
            made = self.generator(noise, training=True)
            loss, discriminator_loss = self._both_losses(real, made, training=True)
            scaled = self.optimizer.scale_loss(loss)
            discriminator_scaled = self.discriminator_optimizer.scale_loss(discriminator_loss)
        for optimizer, target, model in (
            (self.optimizer, scaled, self.generator),
            (self.discriminator_optimizer, discriminator_scaled, self.discriminator),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(target, [v.value for v in variables]), variables)
        # The first steps are far from the last: they are forgotten sooner.
        step = tf.cast(self.optimizer.iterations, tf.float32)
        kept = tf.minimum(self.averaging, (1 + step) / (10 + step))
        for average, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign(kept * average + (1 - kept) * weight)
        self._note(loss, discriminator_loss, tf.shape(real)[0])

    def test_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> None:
        """Measure the averaged generator on one batch of noise and real pictures."""
        noise, real = data
        real = tf.cast(real, tf.float32)
        made = self.averaged(noise, training=False)
        self._note(*self._both_losses(real, made, training=False), tf.shape(real)[0])
        for measure in self.measures:
            measure.update_state(real, made)

    def _both_losses(
        self, real: tf.Tensor, made: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The generator's and the discriminator's."""
        scores = self.discriminator(tf.concat([real, made], axis=0), training=training)
        of_real, of_made = tf.split(scores, 2)
        says = tf.nn.sigmoid_cross_entropy_with_logits
        loss = tf.reduce_mean(says(tf.ones_like(of_made), of_made))
        right = tf.reduce_mean(says(_SMOOTH * tf.ones_like(of_real), of_real))
        return loss, right + tf.reduce_mean(says(tf.zeros_like(of_made), of_made))

    def _note(self, loss: tf.Tensor, discriminator_loss: tf.Tensor, count: tf.Tensor) -> None:
        self.loss_mean.update_state(loss, count)
        self.discriminator_loss_mean.update_state(discriminator_loss, count)
