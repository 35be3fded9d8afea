"""How much each word counts, of families that weigh their steps."""

from __future__ import annotations

import io
from typing import Any

import keras
import numpy as np

from dlcli.evaluation import word_weights
from dlcli.inputs.examples import Examples
from dlcli.tensorboard.event_files import EventFiles
from dlcli.tensorboard.projector import numbers, tokenizer
from dlcli.tensorboard.shown import Shown

_NUM_SHOWN = 8
_NUM_WORDS = 48


def show(
    files: EventFiles, core: keras.Model, preprocessor: keras.Model, shown: Shown, step: int
) -> None:
    """Show texts with the weights of their words, the worst mistakes first.

    Nothing is shown of a model without attention, or of what are no words.
    """
    cutter, judged = tokenizer(preprocessor), shown.judged
    if cutter is None or judged is None or weighing_layer(core) is None:
        return
    # Half of them mistakes, where there are as many.
    order = np.argsort(-judged.errors, kind="stable")
    half = _NUM_SHOWN // 2
    chosen = np.unique(np.concatenate([order[:half], order[-half:]]))
    chosen = chosen[np.argsort(-judged.errors[chosen], kind="stable")]
    raw, _ = shown.split.gather(chosen)
    weights = step_weights(core, preprocessor, raw)
    texts = []
    for text, weight, position in zip(raw, weights, chosen, strict=True):
        words = cutter.kept(text)[:_NUM_WORDS]
        truth, predicted, detail = judged.describe(position)
        mark = "right" if predicted == truth else f"is {truth}"
        texts.append((f"{predicted} ({detail}), {mark}", words, weight[: len(words)]))
    png = io.BytesIO()
    word_weights.draw(texts, png)
    files.picture(shown.place, "attention", png.getvalue(), step)


def weighing_layer(core: keras.Model) -> keras.Layer | None:
    """The last layer of a core that gives each step of a sequence a weight, or None."""
    kinds = ("AttentionPooling", "MultiHeadAttention")
    found = [layer for layer in core.layers if type(layer).__name__ in kinds]
    return found[-1] if found else None


def step_weights(core: keras.Model, preprocessor: keras.Model, raw: Examples) -> np.ndarray:
    """How much each step of each example counts: float (num_examples, steps), of each up to 1.

    Of self-attention it is the mean over the heads, and over the steps that look.
    """
    layer: Any = weighing_layer(core)
    inputs = keras.tree.flatten(keras.Model(core.input, layer.input)(numbers(preprocessor, raw)))
    if type(layer).__name__ == "AttentionPooling":
        return np.asarray(layer.step_weights(*inputs))
    present = inputs[2] if len(inputs) > 2 else None
    _, scores = layer(
        inputs[0], inputs[1], attention_mask=present, return_attention_scores=True, training=False
    )
    looking = np.asarray(scores).mean(axis=1)  # (num_examples, steps that look, steps)
    if present is None:
        return looking.mean(axis=1)
    # Steps after the end look as well, and nobody reads what they see.
    real = np.asarray(present)[:, 0, :, None]
    return (looking * real).sum(axis=1) / real.sum(axis=1)
