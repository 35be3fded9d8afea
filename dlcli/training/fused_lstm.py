"""LSTM layers trained in bfloat16 on a CPU, where Keras's own are slower than in float32.

A step of a sequence is little work, so that what counts is how many operations it takes. Keras
derives its backward pass from some forty operations a step, casts among them. Here that pass is
written out: the products that do not depend on the step before, of the inputs and of all weights'
gradients, are taken once for all steps, and between the steps operands are bfloat16 and the cell's
state float32. The weights are those of Keras's layer, so that what is saved is Keras's own.

The recurrence: Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


class FusedLSTM(keras.layers.LSTM):
    """Keras's layer, whose passes over whole sequences are written out."""

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run all steps from a state of zeros; whatever else is asked for is Keras's."""
        if initial_state is not None or mask is not None:
            return super().call(sequences, initial_state, mask, training)
        if training and self.dropout:
            # One mask a sequence, the same at every step, as in Keras.
            sequences = sequences * self.cell.get_dropout_mask(sequences[:, 0])[:, None]
            self.cell.reset_dropout_mask()
        cell = self.cell
        weights = (cell.kernel, cell.recurrent_kernel, cell.bias)
        states = _halves(tf.transpose(sequences, [1, 0, 2]), *map(tf.convert_to_tensor, weights))
        return tf.transpose(states, [1, 0, 2]) if self.return_sequences else states[-1]


def computes(layer: keras.Layer) -> bool:
    """Whether the passes that are written out compute what the layer does."""
    return (
        type(layer) is keras.layers.LSTM
        and layer.activation is keras.activations.tanh
        and layer.recurrent_activation is keras.activations.sigmoid
        and layer.use_bias
        and not layer.recurrent_dropout
        and not (layer.return_state or layer.go_backwards or layer.stateful or layer.unroll)
    )


def fits(layer: keras.Layer) -> bool:
    """Whether they are faster as well."""
    return bool(computes(layer) and layer.compute_dtype == "bfloat16")


def _halves(inputs: tf.Tensor, *weights: tf.Tensor) -> tf.Tensor:
    """What `_states` gives, of each half of the batch apart.

    A step is too little work to be shared by two cores. Two loops that know nothing of each other
    run side by side, one a core, and what half a batch needs stays nearer to it.
    """
    middle = tf.shape(inputs)[1] // 2
    halves = (inputs[:, :middle], inputs[:, middle:])
    return tf.concat([_states(half, *weights) for half in halves], 1)


@tf.custom_gradient
def _states(
    inputs: tf.Tensor, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, bias: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, ...]]]:
    """The output of every step, bfloat16 (steps, batch, units), and its gradient.

    Args:
        inputs: bfloat16 (steps, batch, features).
        kernel, recurrent_kernel, bias: bfloat16, of Keras's layer.
    """
    dtype, num_units = inputs.dtype, recurrent_kernel.shape[0]
    num_steps, batch = tf.shape(inputs)[0], tf.shape(inputs)[1]
    # The three gates side by side, so that one operation takes them all.
    kernel, recurrent_kernel, bias = map(_gates_first, (kernel, recurrent_kernel, bias))
    rows = tf.reshape(inputs, [-1, inputs.shape[2]])  # (steps * batch, features)
    no_state, no_output = tf.zeros([batch, num_units]), tf.zeros([batch, num_units], dtype)
    bias = tf.cast(bias, tf.float32)

    def array(width: int, element: tf.DType = tf.float32) -> tf.TensorArray:
        return tf.TensorArray(element, num_steps, element_shape=[None, width])

    projected = array(4 * num_units, dtype).unstack(
        tf.reshape(rows @ kernel, [num_steps, batch, 4 * num_units])
    )
    # The state before each step and after the last one.
    states = tf.TensorArray(
        tf.float32, num_steps + 1, element_shape=[None, num_units], clear_after_read=False
    )

    def forward(
        step: tf.Tensor, output: tf.Tensor, state: tf.Tensor, kept: tuple[tf.TensorArray, ...]
    ) -> tuple[Any, ...]:
        sums = tf.cast(projected.read(step) + output @ recurrent_kernel, tf.float32)
        gates, candidate = tf.split(tf.nn.bias_add(sums, bias), [3 * num_units, num_units], 1)
        gates, candidate = tf.sigmoid(gates), tf.tanh(candidate)
        input_gate, forget_gate, output_gate = tf.split(gates, 3, 1)
        state = forget_gate * state + input_gate * candidate
        squashed = tf.tanh(state)
        output = tf.cast(output_gate * squashed, dtype)
        values = (gates, candidate, squashed, output)
        after = (
            *(each.write(step, value) for each, value in zip(kept[:-1], values, strict=True)),
            kept[-1].write(step + 1, state),
        )
        return step + 1, output, state, after

    arrays = (array(3 * num_units), array(num_units), array(num_units), array(num_units, dtype))
    *_, (all_gates, candidates, all_squashed, outputs, states) = _loop(
        forward, num_steps, (0, no_output, no_state, (*arrays, states.write(0, no_state)))
    )
    answer = outputs.stack()  # (steps, batch, units)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
        given = array(num_units, dtype).unstack(upstream)
        back_kernel = tf.transpose(recurrent_kernel)

        def backward(
            count: tf.Tensor, d_output: tf.Tensor, d_state: tf.Tensor, d_sums: tf.TensorArray
        ) -> tuple[Any, ...]:
            step = num_steps - 1 - count
            gates, candidate, squashed = (
                each.read(step) for each in (all_gates, candidates, all_squashed)
            )
            input_gate, forget_gate, output_gate = tf.split(gates, 3, 1)
            d_output = tf.cast(d_output + given.read(step), tf.float32)
            d_state += tf.raw_ops.TanhGrad(y=squashed, dy=d_output * output_gate)
            d_gates = tf.concat(
                [d_state * candidate, d_state * states.read(step), d_output * squashed], 1
            )
            d_sum = tf.concat(
                [
                    tf.raw_ops.SigmoidGrad(y=gates, dy=d_gates),
                    tf.raw_ops.TanhGrad(y=candidate, dy=d_state * input_gate),
                ],
                1,
            )
            d_sum = tf.cast(d_sum, dtype)
            d_sums = d_sums.write(step, d_sum)
            return count + 1, d_sum @ back_kernel, d_state * forget_gate, d_sums

        *_, d_sums = _loop(
            backward, num_steps, (0, no_output, no_state, array(4 * num_units, dtype))
        )
        flat = tf.reshape(d_sums.stack(), [-1, 4 * num_units])  # (steps * batch, 4 * units)
        before = tf.reshape(tf.concat([no_output[None], answer[:-1]], 0), [-1, num_units])
        return (
            tf.reshape(tf.matmul(flat, kernel, transpose_b=True), tf.shape(inputs)),
            _keras_order(tf.matmul(rows, flat, transpose_a=True)),
            _keras_order(tf.matmul(before, flat, transpose_a=True)),
            _keras_order(tf.cast(tf.reduce_sum(tf.cast(flat, tf.float32), 0), dtype)),
        )

    return answer, gradient


def _loop(body: Callable[..., Any], count: tf.Tensor, start: tuple[Any, ...]) -> Any:
    return tf.while_loop(
        lambda step, *_: step < count, body, start, maximum_iterations=count, parallel_iterations=1
    )


def _gates_first(weights: tf.Tensor) -> tf.Tensor:
    """From Keras's order, input, forget, candidate, output, to the candidate at the end."""
    input_gate, forget_gate, candidate, output_gate = tf.split(weights, 4, -1)
    return tf.concat([input_gate, forget_gate, output_gate, candidate], -1)


def _keras_order(weights: tf.Tensor) -> tf.Tensor:
    """What `_gates_first` changed, undone."""
    input_gate, forget_gate, output_gate, candidate = tf.split(weights, 4, -1)
    return tf.concat([input_gate, forget_gate, candidate, output_gate], -1)
