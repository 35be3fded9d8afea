"""What stands over a picture: the input, the answer, the truth."""

from __future__ import annotations

import textwrap

from dlcli import shown
from dlcli.explanation.attribution import Explanation

_WIDTH = 90


def of(explanation: Explanation, width: int = _WIDTH) -> str:
    """Two lines or more: what was explained, and what the model says of it."""
    prediction, explained = explanation.prediction, explanation.explained
    lines = _name(prediction.input, width)
    lines.append(prediction.sentence(explanation.target))
    if explained and prediction.best not in {"", explained.name}:
        lines[-1] += f"; explained: {shown.name(explained.name)}"
    return "\n".join(lines)


def _name(text: str, width: int) -> list[str]:
    """What the input is called: a sentence from its beginning, a path from its end."""
    text = " ".join(text.split())
    if " " not in text:
        return [text if len(text) <= width else f"... {text[4 - width :]}"]
    return textwrap.wrap(textwrap.shorten(text, 2 * width, placeholder=" ..."), width)


def method(name: str) -> str:
    """A method's name as it stands in a sentence."""
    return "Grad-CAM" if name == "grad-cam" else name.replace("-", " ")


def number(value: float, signed: bool) -> str:
    """What an attribution says of a word or a step: a share, or how far it goes for or against."""
    if not signed:
        return f"{value:.1%}"
    return f"{value:+.2f}" if abs(value) >= 0.005 else "0"
