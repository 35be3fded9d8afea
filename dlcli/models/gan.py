"""Generator and discriminator that learn against each other (Goodfellow et al., 2014).

The networks are those of Radford et al., 2016, "Unsupervised representation learning with deep
convolutional generative adversarial networks": the generator doubles the size of its picture
with transposed convolutions, the discriminator halves it with strided ones. The generator that
is kept is the moving average of its weights (Yazici et al., 2019, "The unusual effectiveness of
averaging in GAN training").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from dlcli.models._keys import Activation, Dropout, Initializer

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image_generation",)
OUTPUTS = ("generated_image",)


def build(
    inputs: keras.KerasTensor,
    picture_shape: tuple[int, int, int],
    *,
    filters: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(
            min_length=1,
            description="Filters of the generator before each doubling of the size; the "
            "discriminator has them in reverse.",
        ),
    ] = (128, 64),
    kernel_size: Annotated[
        int, Field(ge=2, description="Height and width of each kernel, in pixels.")
    ] = 5,
    activation: Annotated[
        Activation, Field(description="Activation in the generator; the other has leaky_relu.")
    ] = "relu",
    kernel_initializer: Initializer = "glorot_uniform",
    normalization: Annotated[
        Literal["none", "batch", "layer"],
        Field(description="Normalisation in the generator, before each activation."),
    ] = "batch",
    dropout: Annotated[
        Dropout,
        Field(description="Share of features dropped after each layer of the discriminator."),
    ] = 0.3,
    averaging: Annotated[
        float,
        Field(ge=0, lt=1, description="Share of the averaged generator that each step keeps."),
    ] = 0.995,
) -> keras.KerasTensor:
    """Build the generator.

    Args:
        inputs: noise, float (batch, noise_size).
        picture_shape: (height, width, channels) of the pictures to make.

    Returns:
        float (batch, height, width, channels), unbounded.

    Raises:
        ValueError: a side of the picture cannot be halved as often as there are filters.
    """
    from keras import layers

    height, width, channels = picture_shape
    factor = 2 ** len(filters)
    if height % factor or width % factor:
        raise ValueError(f"sides of {height}x{width} are no multiples of {factor}")
    kernels: dict[str, Any] = {
        "kernel_initializer": kernel_initializer,
        # Batch normalisation shifts each filter by itself: a bias before it does nothing.
        "use_bias": normalization != "batch",
    }

    def activated(x: keras.KerasTensor) -> keras.KerasTensor:
        if normalization == "batch":
            # The default of 0.99 lags behind a generator that changes with every step.
            x = layers.BatchNormalization(momentum=0.9)(x)
        elif normalization == "layer":
            x = layers.LayerNormalization()(x)
        return layers.Activation(activation)(x)

    start = (height // factor, width // factor, filters[0])
    x = layers.Dense(start[0] * start[1] * start[2], **kernels)(inputs)
    x = activated(layers.Reshape(start)(x))
    for num_filters in filters[1:]:
        x = layers.Conv2DTranspose(num_filters, kernel_size, 2, padding="same", **kernels)(x)
        x = activated(x)
    return layers.Conv2DTranspose(
        channels, kernel_size, 2, padding="same", kernel_initializer=kernel_initializer
    )(x)


def build_discriminator(
    picture_shape: tuple[int, int, int],
    *,
    filters: tuple[int, ...],
    kernel_size: int,
    kernel_initializer: str,
    dropout: float,
) -> keras.Model:
    """Build the discriminator.

    Args:
        picture_shape: (height, width, channels).
        filters, kernel_size, kernel_initializer, dropout: as for `build`.

    Returns:
        A model of pictures float (batch, height, width, channels), 0 to 255, to float32
        (batch, 1): above 0 where it takes a picture for a real one.
    """
    import keras
    from keras import layers

    inputs = keras.Input(picture_shape, name="pictures")
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    for num_filters in reversed(filters):
        x = layers.Conv2D(
            num_filters, kernel_size, 2, padding="same", kernel_initializer=kernel_initializer
        )(x)
        x = layers.LeakyReLU(0.2)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    scores = layers.Dense(1, dtype="float32", name="scores")(layers.Flatten()(x))
    return keras.Model(inputs, scores, name="discriminator")


def trainer(
    generator: keras.Model, picture_shape: tuple[int, int, int], *, averaging: float, **keys: Any
) -> tuple[keras.Model, keras.Model]:
    """The model that trains a generator, and the one that is kept of it.

    Args:
        generator: noise to pictures.
        picture_shape: (height, width, channels).
        keys: all other keys of `build`.
    """
    from dlcli.models._adversarial import Adversarial

    names = ("filters", "kernel_size", "kernel_initializer", "dropout")
    discriminator = build_discriminator(picture_shape, **{name: keys[name] for name in names})
    model = Adversarial(generator, discriminator, averaging)
    return model, model.averaged
