"""What a recipe leaves open (`auto`), decided before the first step and written into the run.

Nothing here looks at a clock: what changes a bit of the result follows from the network, the
device and its features alone, so that a recipe gives the same run on the same machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import preprocessing, private_api, tasks
from dlcli.data import DataSet
from dlcli.errors import DlcliError
from dlcli.events import Chosen, Events, Warned
from dlcli.layers import CONVOLUTIONS
from dlcli.recipe.schema import Recipe
from dlcli.recipe.sections.image import Augmentation
from dlcli.training import augmentation, environment, fused, fused_lstm, tuned

# Products of bfloat16 numbers in one instruction. Measured on one CPU with the first of them.
_BFLOAT16 = ("avx512_bf16", "amx_bf16")
_EXAMPLES = 32  # of the batch that reduced precision is tried on
_LOSS_SCALE = 1024.0  # so that small gradients survive float16, as in training
_FOUND = "measured by dlcli autotune"
_NOT_FOUND = "dlcli autotune measured nothing for this network and device"
_TOLERANCE = 0.2  # of answers and gradients, by their norms


@dataclass(frozen=True)
class Device:
    """What the choices depend on, besides the network.

    Args:
        cpu_features: names as Linux gives them.
        compute_capability: of the GPU that trains, such as (9, 0); None without one.
    """

    cpu_features: tuple[str, ...] = ()
    compute_capability: tuple[int, int] | None = None


def resolve(
    recipe: Recipe, dataset: DataSet, events: Events, device: Device | None = None
) -> tuple[Recipe, keras.Model | None]:
    """Decide what a recipe leaves open, and try reduced precision before it is used.

    Args:
        dataset: reduced precision is tried on the first of its examples.

    Returns:
        The recipe without `auto`, and the preprocessor where it was needed for that.

    Raises:
        DlcliError: other threads were set, or used, in this process before.
    """
    inferred = {"data": recipe.data.model_copy(update=dict(dataset.spec.inferred))}
    if options := getattr(recipe, "augmentation", None):
        inferred["augmentation"] = _with_flip(options, dataset.spec.class_names, events)
    recipe = recipe.model_copy(update=inferred)
    recipe = resolve_threads(recipe, dataset, events)
    training, chosen = recipe.training, dict[str, str]()
    found = _found(recipe, dataset)
    device, preprocessor = device or _this_device(), None
    if training.precision != "float32" or training.compile == "auto":
        keras.utils.set_random_seed(training.seed)
        preprocessor = preprocessing.adapt(recipe, dataset.splits.train, dataset.spec)
        core = tasks.build_core(recipe, preprocessor, dataset.spec, "float32")
    if training.compile == "auto":
        choice = compilation(core, device)
        if found:
            choice = Chosen(choice.key, found["compile"], _FOUND)
        chosen["compile"] = choice.value
        events(choice)
    if training.precision != "float32":
        choice = Chosen("training.precision", training.precision, "as the recipe says")
        if training.precision == "auto":
            has_own_steps = tasks.head_of(recipe.task).loss(dataset.spec) is None
            choice = precision(core, device, has_own_steps)
            if found:
                choice = Chosen(choice.key, found["precision"], _FOUND)
        wanted = choice.value
        if wanted != "float32":
            choice = _tried(choice, recipe, dataset, preprocessor, core)
        chosen["precision"] = choice.value
        if choice.value != wanted:
            events(Warned(f"{choice.key} is {choice.value}, as {choice.reason}."))
        elif training.precision == "auto":
            events(choice)
    return recipe.model_copy(update={"training": training.model_copy(update=chosen)}), preprocessor


def _with_flip(options: Augmentation, class_names: Sequence[str], events: Events) -> Augmentation:
    """Decide whether images are mirrored."""
    if options.horizontal_flip != "auto":
        return options
    mirrored = augmentation.mirrored(class_names)
    if mirrored:
        reason = f"the class names '{mirrored[0]}' and '{mirrored[1]}' mirror each other"
        events(Chosen("augmentation.horizontal_flip", "false", reason))
    return options.model_copy(update={"horizontal_flip": not mirrored})


def resolve_threads(recipe: Recipe, dataset: DataSet, events: Events) -> Recipe:
    """Decide about threads alone, before the first operation: TensorFlow makes them once.

    For the arguments and what is raised see `resolve`.
    """
    training = recipe.training
    if training.intra_op_threads == "auto":
        found = _found(recipe, dataset)
        training = training.model_copy(update={"intra_op_threads": found.get("intra_op_threads")})
        value = str(training.intra_op_threads or "null")
        events(Chosen("training.intra_op_threads", value, _FOUND if found else _NOT_FOUND))
    if training.intra_op_threads != "auto":
        set_threads(training.intra_op_threads)
    return recipe.model_copy(update={"training": training})


def _found(recipe: Recipe, dataset: DataSet) -> dict[str, Any]:
    """What `dlcli autotune` found for what a recipe leaves open."""
    training = recipe.training
    if "auto" not in (training.precision, training.compile, training.intra_op_threads):
        return {}
    return tuned.read(tuned.work(recipe.task, recipe.model, training.batch_size, dataset.spec))


def set_threads(number: int | None) -> None:
    """Let that many threads share one operation; None leaves it to TensorFlow.

    Raises:
        DlcliError: TensorFlow works in this process already, with another number.
    """
    if number is None or number == tf.config.threading.get_intra_op_parallelism_threads():
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(number)
    except RuntimeError:
        raise DlcliError(
            "training.intra_op_threads cannot be changed in a process that TensorFlow has worked "
            "in already.",
            "Train from the command line, or in a process of its own.",
        ) from None


def precision(core: keras.Model, device: Device, has_own_steps: bool = False) -> Chosen:
    """The precision for a network on a device.

    Args:
        has_own_steps: whether it is trained against another network.
    """
    key, gpu = "training.precision", device.compute_capability
    if has_own_steps:
        return Chosen(key, "float32", "two networks in balance are trained as they were measured")
    recurrent = [
        layer for layer in private_api.all_layers(core) if isinstance(layer, keras.layers.RNN)
    ]
    if recurrent and (gpu or not all(map(fused_lstm.computes, recurrent))):
        return Chosen(key, "float32", "reduced precision makes such recurrent layers slower")
    if gpu:
        name = f"a GPU of compute capability {gpu[0]}.{gpu[1]}"
        if gpu >= (8, 0):
            return Chosen(key, "mixed_bfloat16", f"{name} computes in bfloat16")
        if gpu >= (7, 0):
            return Chosen(key, "mixed_float16", f"{name} computes in float16")
        return Chosen(key, "float32", f"{name} computes fastest in it")
    if not recurrent and not _has(core, *CONVOLUTIONS):
        return Chosen(key, "float32", "on a CPU, bfloat16 pays for convolutions and LSTM only")
    found = [feature for feature in _BFLOAT16 if feature in device.cpu_features]
    if not found:
        return Chosen(key, "float32", "this CPU does not compute in bfloat16")
    what = "LSTM layers" if recurrent else "convolutions"
    return Chosen(key, "mixed_bfloat16", f"{what} on a CPU with {found[0]}")


def compilation(core: keras.Model, device: Device) -> Chosen:
    """Whether XLA compiles the steps of a network on a device."""
    key = "training.compile"
    if not device.compute_capability:
        return Chosen(key, "none", "XLA makes training on a CPU slower")
    if _has(core, keras.layers.RNN):
        return Chosen(key, "none", "XLA would keep recurrent layers from cuDNN")
    unable = [layer.name for layer in private_api.all_layers(core) if not layer.supports_jit]
    if unable:
        return Chosen(key, "none", f"XLA cannot compile the layer {unable[0]}")
    return Chosen(key, "xla", "a GPU, and layers that XLA can compile")


def _this_device() -> Device:
    gpus = tf.config.get_visible_devices("GPU")
    details = tf.config.experimental.get_device_details(gpus[0]) if gpus else {}
    capability = details.get("compute_capability", (0, 0)) if gpus else None
    return Device(tuple(environment.cpu_features()), capability)


def _has(core: keras.Model, *kinds: type) -> bool:
    return any(isinstance(layer, kinds) for layer in private_api.all_layers(core))


def _tried(
    choice: Chosen, recipe: Recipe, dataset: DataSet, preprocessor: keras.Model, core: keras.Model
) -> Chosen:
    """Compare answers and gradients of one batch with those of float32; the choice, or float32.

    Rounding to 8 bits changes both by a few hundredths: what is told apart here is a network
    that works from one that overflows or loses its gradients.
    """
    reduced = fused.fuse(tasks.build_core(recipe, preprocessor, dataset.spec, choice.value))
    reduced.set_weights(core.get_weights())
    train = dataset.splits.train
    few = replace(train, rows=train.rows[:_EXAMPLES])
    numeric = preprocessing.numbers(recipe, few, preprocessor)
    numbers, targets = (numeric or few).gather_for_model(np.arange(len(few)))
    if numeric is None:
        numbers = preprocessor(numbers, training=False)
    loss = keras.losses.get(tasks.head_of(recipe.task).loss(dataset.spec)) or _mean_square
    exact, found = (
        _answers_and_gradients(each, loss, numbers, targets) for each in (core, reduced)
    )
    for what, before, after in zip(("answers", "gradients"), exact, found, strict=True):
        if not np.isfinite(after).all():
            problem = f"its {what} are not finite"
        elif (distance := _distance(before, after)) > _TOLERANCE:
            problem = f"its {what} differ by {100 * distance:.0f} %"
        else:
            continue
        reason = f"{choice.value} was tried on {len(targets)} examples: {problem}"
        return Chosen(choice.key, "float32", reason)
    difference = 100 * _distance(exact[1], found[1])
    tried = f"gradients of {len(targets)} examples are within {difference:.1f} % of float32's"
    return Chosen(choice.key, choice.value, f"{choice.reason}; {tried}")


def _mean_square(targets: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
    """In place of the losses of a network that has steps of its own."""
    return tf.reduce_mean(tf.square(answers))


def _answers_and_gradients(
    core: keras.Model, loss: Callable[..., tf.Tensor], numbers: tf.Tensor, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both in one row each, float64."""

    @tf.function
    def compute() -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            answers = core(numbers, training=False)
            scaled = tf.reduce_mean(loss(targets, answers)) * _LOSS_SCALE
        return answers, tape.gradient(scaled, core.trainable_variables)

    answers, gradients = compute()
    rows = [tf.convert_to_tensor(each).numpy().ravel() for each in gradients if each is not None]
    return answers.numpy().ravel().astype(np.float64), np.concatenate(rows).astype(np.float64)


def _distance(before: np.ndarray, after: np.ndarray) -> float:
    return float(np.linalg.norm(after - before)) / max(float(np.linalg.norm(before)), 1e-12)
