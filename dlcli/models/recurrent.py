"""Recurrent network: simple, LSTM or GRU cells, stacked, in one or both directions.

LSTM: Hochreiter and Schmidhuber, 1997. GRU: Cho et al., 2014. Both directions: Schuster and
Paliwal, 1997. Dropout of the recurrent state by one mask a sequence: Gal and Ghahramani, 2016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dlcli import outputs
from dlcli.errors import RecipeError
from dlcli.models import _dense
from dlcli.models._dense import DenseActivation, DenseUnits

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("text", "language_modeling", "series", "sequence")
OUTPUTS = (*outputs.of_features(), "next_token")


def build(
    inputs: keras.KerasTensor,
    lengths: keras.KerasTensor | None = None,
    every_step: bool = False,
    *,
    cell: Annotated[
        Literal["simple", "lstm", "gru"], Field(description="What carries the state on.")
    ] = "lstm",
    units: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(min_length=1, description="Units of each recurrent layer, in order."),
    ] = (64,),
    bidirectional: Annotated[
        bool, Field(description="Read each sequence from both ends; doubles what a layer gives.")
    ] = False,
    activation: Annotated[
        Literal["tanh", "relu"], Field(description="Activation of the cells' state.")
    ] = "tanh",
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of each recurrent layer's input dropped.")
    ] = 0.0,
    recurrent_dropout: Annotated[
        float,
        Field(ge=0, lt=1, description="Share of the state dropped from step to step; slower."),
    ] = 0.0,
    pooling: Annotated[
        Literal["last", "mean", "max"],
        Field(description="What becomes of the steps: the state at the end, or all of them."),
    ] = "last",
    dense_units: DenseUnits = (),
    dense_activation: DenseActivation = "relu",
    dense_dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of features dropped after each dense layer.")
    ] = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, steps, features).
        lengths: how many steps of each sequence count, int32 (batch,); None for all. What
            follows them never reaches a state.
        every_step: whether there is an answer at every step, from the steps up to it alone.

    Returns:
        float (batch, features), or with `every_step` (batch, steps, features).

    Raises:
        RecipeError: `every_step` with a network that reads from both ends.
    """
    from dlcli.layers.pooled_steps import PooledSteps

    if every_step and bidirectional:
        raise RecipeError(
            "a network that reads from both ends sees the steps that it is to predict.",
            "Choose model.bidirectional=false.",
        )
    x = stacked(
        inputs,
        lengths,
        all_steps=every_step or pooling != "last",
        cell=cell,
        units=units,
        bidirectional=bidirectional,
        activation=activation,
        dropout=dropout,
        recurrent_dropout=recurrent_dropout,
    )
    if not every_step and pooling != "last":
        x = PooledSteps(pooling)(x, lengths)
    return _dense.stacked(x, dense_units, dense_activation, dense_dropout)


def stacked(
    inputs: keras.KerasTensor,
    lengths: keras.KerasTensor | None,
    *,
    all_steps: bool,
    cell: str,
    units: tuple[int, ...],
    bidirectional: bool,
    activation: str = "tanh",
    dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
) -> keras.KerasTensor:
    """Build the recurrent layers alone; for the arguments see `build`.

    Args:
        all_steps: whether to give what is known after each step, not at the end alone.

    Returns:
        Float (batch, features), or with `all_steps` (batch, steps, features).
    """
    from keras import layers

    from dlcli.layers.last_step import LastStep
    from dlcli.layers.reverse_steps import ReverseSteps

    classes = {"simple": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
    keywords: dict[str, Any] = {
        "activation": activation,
        "dropout": dropout,
        "recurrent_dropout": recurrent_dropout,
    }
    x = inputs
    for index, num_units in enumerate(units):
        ends_here = index == len(units) - 1 and not all_steps
        # Where all steps count, the layer itself returns the last one.
        keywords["return_sequences"] = not ends_here or lengths is not None
        name = f"recurrent_{index + 1}"
        directions = [classes[cell](num_units, name=f"{name}_forward", **keywords)(x)]
        if bidirectional:
            backward = classes[cell](num_units, name=f"{name}_backward", **keywords)
            directions.append(backward(ReverseSteps()(x, lengths)))
        if ends_here and lengths is not None:
            directions = [LastStep()(steps, lengths) for steps in directions]
        elif bidirectional and not ends_here:
            directions[1] = ReverseSteps()(directions[1], lengths)
        x = layers.Concatenate()(directions) if bidirectional else directions[0]
    return x


def states(
    *, cell: str, units: tuple[int, ...], bidirectional: bool, pooling: str, **others: Any
) -> dict[str, int]:
    """What is carried from step to step: the name and the size of each state, in order.

    Raises:
        RecipeError: the answer needs the steps to come, or all steps together.
    """
    if bidirectional or pooling != "last":
        raise RecipeError(
            "a network that reads from both ends, or pools over all steps, cannot go on step by "
            "step from a state.",
            "Choose model.bidirectional=false and model.pooling=last.",
        )
    kinds = ("h", "c") if cell == "lstm" else ("h",)
    return {
        f"recurrent_{index}_{kind}": num_units
        for index, num_units in enumerate(units, 1)
        for kind in kinds
    }


def build_step(
    inputs: keras.KerasTensor,
    before: dict[str, keras.KerasTensor],
    *,
    cell: str,
    units: tuple[int, ...],
    activation: str,
    dense_units: tuple[int, ...],
    dense_activation: str,
    **others: Any,
) -> tuple[keras.KerasTensor, dict[str, keras.KerasTensor]]:
    """Build the network for one step; the weights of `build` fit in, in their order.

    Args:
        inputs: float (batch, 1, features).
        before: each of `states`, float (batch, units).
        others: keys of `build` that change nothing after training.

    Returns:
        float (batch, features), and the states after the step.
    """
    from keras import layers

    classes = {"simple": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
    x, after = inputs, dict[str, Any]()
    for index, num_units in enumerate(units, 1):
        names = [name for name in before if name.startswith(f"recurrent_{index}_")]
        # Unrolled, one step is plain matrix products, without a loop around them.
        layer = classes[cell](
            num_units,
            activation=activation,
            return_sequences=True,
            return_state=True,
            unroll=True,
            name=f"recurrent_{index}_forward",
        )
        x, *new = layer(x, initial_state=[before[name] for name in names])
        after |= dict(zip(names, new, strict=True))
    x = x[:, 0]  # (batch, units)
    return _dense.stacked(x, dense_units, dense_activation, dropout=0.0), after
