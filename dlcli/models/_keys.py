"""Keys of the recipe's `model:` section that several families have, under Keras's own names.

`l1` and `l2` are of all kernels: a family puts them on its own, `dlcli.tasks` on the head's.

A family annotates an argument of its `build` with one of these. Where it wants to say more
than the description here, it puts its own around it:
`Annotated[Activation, Field(description="Activation of each hidden layer.")]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

if TYPE_CHECKING:
    import keras

Activation = Annotated[
    Literal[
        "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus",
        "softsign", "tanh", "sigmoid", "hard_sigmoid", "hard_silu", "linear",
    ],
    Field(description="Activation of the hidden layers."),
]  # fmt: skip
Initializer = Annotated[
    Literal[
        "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
        "lecun_normal", "orthogonal", "random_uniform", "random_normal", "truncated_normal",
    ],
    Field(
        description="How the kernels of the hidden layers are drawn: he_normal suits relu, "
        "lecun_normal selu."
    ),
]  # fmt: skip
Dropout = Annotated[
    float, Field(ge=0, lt=1, description="Share of features dropped while training.")
]
L1 = Annotated[
    float,
    Field(ge=0, description="Added to the loss: this times the sum of the kernels' magnitudes."),
]
L2 = Annotated[
    float, Field(ge=0, description="Added to the loss: this times the sum of the kernels' squares.")
]


def regularizer(l1: float, l2: float) -> keras.Regularizer | None:
    """The penalty on a kernel that the keys `l1` and `l2` ask for, or None for none."""
    from keras import regularizers

    return regularizers.L1L2(l1, l2) if l1 or l2 else None
