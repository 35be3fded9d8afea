"""Recurrent layers in forms that TFLite's builtin operators compute exactly.

Keras's own LSTM, GRU and SimpleRNN become TensorLists, which need the Flex delegate that no
TFLite runtime of ours has. Each is replaced by one of two forms, with the same weights:

loop   any cell, any batch size: the product of all inputs with the kernel first, then a
       `while` whose body is one step. The outputs fill a tensor that is there from the start.
       The state begins at zero in every call.
fused  one UNIDIRECTIONAL_SEQUENCE_LSTM, for a fixed batch size, and only for an LSTM with
       tanh, sigmoid and a bias: the kernel computes these whatever the cell asks for.

The fused kernel keeps its state from call to call. A step in front empties it: see `_fused`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from dlcli.layers.attention_pooling import AttentionPooling
from dlcli.layers.pooled_steps import PooledSteps
from dlcli.layers.reverse_steps import ReverseSteps

Step = Callable[..., tuple[tf.Tensor, ...]]
_LAYERS = (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN)
_RESET = 1e4  # times the largest weight: far beyond where float32's sigmoid is 0


def rewritten(model: keras.Model, *, fuse: bool) -> keras.Model:
    """Replace the recurrent layers of a model.

    Args:
        model: functional, of float32 layers; it is left as it is and shares its weights.
        fuse: whether an LSTM that allows it becomes the fused kernel, where the model is
            traced with a fixed batch size. Not for full int8: the input that empties the
            state would set the scale of all others.

    Returns:
        A model with the same input and output; the same model if nothing is to change.
    """
    if all(_form(layer, fuse) is layer for layer in layers(model)):
        return model
    return keras.models.clone_model(
        model, clone_function=lambda layer: _form(layer, fuse), recursive=True
    )


def reversed_plainly(model: keras.Model) -> keras.Model:
    """Replace what reverses sequences, for ONNX, which has operators for the recurrent layers.

    tf2onnx 1.17 takes a reversal and the LSTM behind it for one half of a bidirectional LSTM
    that reads padding too, which changes the answers for short sequences.
    """
    if not any(isinstance(layer, ReverseSteps) for layer in layers(model)):
        return model

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer:
        is_reversal = isinstance(layer, ReverseSteps)
        return _ReversedByGather(name=layer.name) if is_reversal else layer

    return keras.models.clone_model(model, clone_function=replace, recursive=True)


def is_recurrent(model: keras.Model) -> bool:
    """Whether a model has a recurrent layer."""
    return any(isinstance(layer, _LAYERS) for layer in layers(model))


def _form(layer: keras.layers.Layer, fuse: bool) -> keras.layers.Layer:
    """What stands for a layer in a TFLite file: mostly the layer itself."""
    if isinstance(layer, _LAYERS):
        return RecurrentForm(layer, fuse, name=layer.name)
    if isinstance(layer, ReverseSteps):
        return _ReversedByGather(name=layer.name)
    if isinstance(layer, PooledSteps) and layer.pooling == "max":
        return _PooledByMaximum("max", name=layer.name)
    if isinstance(layer, AttentionPooling):
        return _AttentionWithoutExtremes(layer)
    return layer


def layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """All layers of a model, those of models inside it too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from layers(layer)
        else:
            yield layer


class RecurrentForm(keras.layers.Layer):
    """A recurrent layer as TFLite takes it.

    Args:
        layer: the LSTM, GRU or SimpleRNN whose weights and options it has.
    """

    def __init__(self, layer: Any, fuse: bool, **keywords: Any) -> None:
        super().__init__(dtype="float32", **keywords)
        if layer.stateful:
            raise ValueError(f"the layer {layer.name} is stateful.")
        self._layer, self._fuse = layer, fuse and is_fusible(layer)

    def call(
        self,
        sequence: tf.Tensor,
        initial_state: Sequence[tf.Tensor] | None = None,
        mask: Any = None,
        training: bool = False,
    ) -> Any:
        """Compute what the layer would, of float32 (batch, steps, features)."""
        if mask is not None:
            raise ValueError(f"the layer {self._layer.name} has a mask.")
        if self._layer.go_backwards:
            sequence = tf.reverse(sequence, axis=[1])
        is_static = None not in sequence.shape
        if self._fuse and is_static and initial_state is None and not self._layer.return_state:
            outputs = _fused(self._layer.cell, sequence)
            return outputs if self._layer.return_sequences else outputs[:, -1]
        outputs, states = _loop(
            self._layer.cell, sequence, initial_state, self._layer.return_sequences
        )
        return (outputs, *states) if self._layer.return_state else outputs

    def compute_output_spec(self, sequence: Any, *others: Any, **keywords: Any) -> Any:
        """That of the layer."""
        keywords.pop("mask", None)
        return self._layer.compute_output_spec(sequence, *others, **keywords)


class _ReversedByGather(ReverseSteps):
    """Steps reversed by an operator that knows int8, as REVERSE_SEQUENCE does not."""

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """As `ReverseSteps`."""
        num_steps = _size(inputs, 1)
        steps = tf.range(num_steps)
        if lengths is None:
            return tf.gather(inputs, num_steps - 1 - steps, axis=1)
        last = lengths[:, None] - 1
        places = tf.where(steps <= last, last - steps, steps)  # (batch, steps)
        return tf.gather(inputs, places, axis=1, batch_dims=1)


class _PooledByMaximum(PooledSteps):
    """The maximum without the lowest of all numbers, which int8 could not scale."""

    def call(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """As `PooledSteps`."""
        if lengths is None:
            return tf.reduce_max(inputs, axis=1)
        present = (tf.range(_size(inputs, 1)) < lengths[:, None])[:, :, None]
        # There is a first step always, and once more it changes no maximum.
        return tf.reduce_max(tf.where(present, inputs, inputs[:, :1]), axis=1)


class _AttentionWithoutExtremes(AttentionPooling):
    """Attention to the real steps without the lowest of all numbers, as `_PooledByMaximum`."""

    def __init__(self, layer: AttentionPooling) -> None:
        super().__init__(layer.units, name=layer.name, dtype="float32")
        self.projection, self.query = layer.projection, layer.query

    def build(self, inputs_shape: Any, lengths_shape: Any = None) -> None:
        """The weights are there."""
        self.built = True

    def step_weights(self, inputs: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """As `AttentionPooling`."""
        if lengths is None:
            return super().step_weights(inputs)
        scores = self.query(self.projection(inputs))[:, :, 0]
        present = tf.range(_size(inputs, 1)) < lengths[:, None]
        highest = tf.reduce_max(tf.where(present, scores, scores[:, :1]), axis=1, keepdims=True)
        # The differences of what is not there may be anything, but for an overflow.
        shares = tf.exp(tf.minimum(scores - highest, 0.0)) * tf.cast(present, tf.float32)
        return shares / tf.reduce_sum(shares, axis=1, keepdims=True)


def is_fusible(layer: Any) -> bool:
    """Whether the fused kernel computes this layer's cell."""
    return (
        isinstance(layer, keras.layers.LSTM)
        and layer.cell.activation is keras.activations.tanh
        and layer.cell.recurrent_activation is keras.activations.sigmoid
        and layer.cell.use_bias
    )


def _loop(
    cell: Any, sequence: tf.Tensor, initial_state: Sequence[tf.Tensor] | None, every_step: bool
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    """Run a cell over (batch, steps, features).

    Returns:
        Outputs (batch, steps, units), or the last one (batch, units); and the states at the
        end, each (batch, units), the output first.
    """
    if initial_state is None:
        shape = [_size(sequence, 0), cell.units]
        num_states = 2 if isinstance(cell, keras.layers.LSTMCell) else 1
        states = tuple(tf.zeros(shape) for _ in range(num_states))
    else:
        states = tuple(initial_state)
    projected = tf.matmul(sequence, cell.kernel.value)
    if cell.use_bias:
        # A GRU that resets after its product has a bias for it as well.
        projected += cell.bias.value[0] if len(cell.bias.shape) == 2 else cell.bias.value
    return _scan(_step(cell), projected, states, every_step)


def _scan(
    step: Step, projected: tf.Tensor, states: tuple[tf.Tensor, ...], every_step: bool
) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
    """Run a step over inputs, (batch, steps, gates * units), that are products already.

    One product for all steps is several times faster than one a step.
    """
    num_batch, num_steps, units = _size(projected, 0), _size(projected, 1), states[0].shape[-1]
    by_step = tf.transpose(projected, [1, 0, 2])
    positions = tf.reshape(tf.range(num_steps), [-1, 1, 1])

    def body(index: tf.Tensor, outputs: tf.Tensor, *states: tf.Tensor) -> tuple[tf.Tensor, ...]:
        after = step(tf.gather(by_step, index), *states)
        if every_step:
            # The fastest of what TFLite has for putting a step into its place.
            outputs = tf.where(tf.equal(positions, index), after[0][None], outputs)
        return index + 1, outputs, *after

    place = tf.zeros([num_steps, num_batch, units] if every_step else [1, 1, 1])
    _, outputs, *states_after = tf.while_loop(
        lambda index, *_: index < num_steps, body, (tf.constant(0), place, *states)
    )
    if not every_step:
        return states_after[0], tuple(states_after)
    outputs = tf.transpose(outputs, [1, 0, 2])
    outputs.set_shape([*projected.shape[:2], units])
    return outputs, tuple(states_after)


def _step(cell: Any) -> Step:
    """One step of a cell: projected input (batch, gates * units) and states to states.

    The equations and the order of the gates are those of the Keras layers.
    """
    kernel, activation, units = cell.recurrent_kernel.value, cell.activation, cell.units
    if isinstance(cell, keras.layers.LSTMCell):
        return _lstm_step(kernel, activation, cell.recurrent_activation)
    if isinstance(cell, keras.layers.SimpleRNNCell):
        return lambda projected, h: (activation(projected + tf.matmul(h, kernel)),)
    gate = cell.recurrent_activation

    def reset_after(projected: tf.Tensor, h: tf.Tensor) -> tuple[tf.Tensor, ...]:
        of_state = tf.matmul(h, kernel)
        if cell.use_bias:
            of_state += cell.bias.value[1]
        z_input, r_input, g_input = tf.split(projected, 3, axis=1)
        z_state, r_state, g_state = tf.split(of_state, 3, axis=1)
        z = gate(z_input + z_state)
        g = activation(g_input + gate(r_input + r_state) * g_state)
        return (z * h + (1 - z) * g,)

    def reset_before(projected: tf.Tensor, h: tf.Tensor) -> tuple[tf.Tensor, ...]:
        gates = gate(projected[:, : 2 * units] + tf.matmul(h, kernel[:, : 2 * units]))
        z, r = tf.split(gates, 2, axis=1)
        g = activation(projected[:, 2 * units :] + tf.matmul(r * h, kernel[:, 2 * units :]))
        return (z * h + (1 - z) * g,)

    return reset_after if cell.reset_after else reset_before


def _lstm_step(kernel: tf.Tensor, activation: Any, gate: Any) -> Step:
    def lstm(projected: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, ...]:
        i, f, g, o = tf.split(projected + tf.matmul(h, kernel), 4, axis=1)
        c = gate(f) * c + gate(i) * activation(g)
        return gate(o) * activation(c), c

    return lstm


def _fused(cell: Any, sequence: tf.Tensor) -> tf.Tensor:
    """An LSTM's outputs, (batch, steps, units), by the fused kernel.

    An extra first step closes the input and forget gates, so that the state that the kernel
    kept from the call before is exactly 0 after it: one feature more is `_RESET` there and 0
    elsewhere. The large number stands in the input and not in the weights, whose scales it
    would spoil when they are quantized.

    Args:
        cell: one that `is_fusible`.
        sequence: float32 (batch, steps, features), all known.
    """
    num_batch, num_steps, num_features = sequence.shape
    units = cell.units
    # Values: the converter crashes on resource variables here.
    kernel = cell.kernel.value.read_value()
    closing = tf.concat([-tf.ones([1, 2 * units]), tf.zeros([1, 2 * units])], axis=1)
    kernel = tf.concat([kernel, closing * tf.reduce_max(tf.abs(kernel))], axis=0)
    first = tf.concat(
        [tf.zeros([num_batch, 1, num_features]), tf.fill([num_batch, 1, 1], _RESET)], axis=2
    )
    rest = tf.concat([sequence, tf.zeros([num_batch, num_steps, 1])], axis=2)

    # The converter replaces a function that has these attributes, these arguments and these
    # results. What it computes is for whoever runs the graph with TensorFlow.
    @tf.function(
        autograph=False,
        experimental_attributes={
            "api_implements": f"lstm_{uuid.uuid4()}",
            "api_preferred_device": "CPU",
            "time_major": False,
            "go_backwards": False,
        },
    )
    def lstm(
        inputs: tf.Tensor,
        h: tf.Tensor,
        c: tf.Tensor,
        kernel: tf.Tensor,
        recurrent_kernel: tf.Tensor,
        bias: tf.Tensor,
    ) -> tuple[tf.Tensor, ...]:
        step = _lstm_step(recurrent_kernel, tf.tanh, tf.sigmoid)
        projected = tf.matmul(inputs, kernel) + bias
        outputs, (h, c) = _scan(step, projected, (h, c), every_step=True)
        return h, outputs, h, c, tf.constant(0.0)

    zeros = tf.zeros([num_batch, units])
    recurrent_kernel, bias = cell.recurrent_kernel.value.read_value(), cell.bias.value.read_value()
    sequence = tf.concat([first, rest], axis=1)
    return lstm(sequence, zeros, zeros, kernel, recurrent_kernel, bias)[1][:, 1:]


def _size(tensor: tf.Tensor, axis: int) -> Any:
    """A dimension: a number where it is known, else a tensor."""
    known = tensor.shape[axis]
    return tf.shape(tensor)[axis] if known is None else known
