"""A text that is continued, or whose next character is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.serving import forms

_PROMPT = "The "


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form; a beginning is sent for more of the text, or for its next character."""
    wanted = {"prompt": _PROMPT, "length": 200, "temperature": 0.7, "seed": 1}
    writes = [("More of a text", forms.post(forms.GENERATE, wanted))] if writes_text else []
    return {
        "form": "prompt" if writes_text else "text",
        "does": "Goes on with a text." if writes_text else "Says what character is next.",
        "examples": [
            *writes,
            ("The next character", forms.post(forms.PREDICT, {"texts": [_PROMPT]})),
        ],
        "heading": "Likeliest next",
    }
