"""A text that is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.serving import forms

_TEXT = "It never gets dull."


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form; a text is sent by both protocols."""
    return {
        "form": "text",
        "does": forms.says(document, "what a text is", "a text"),
        "examples": [
            ("A text", forms.post(forms.PREDICT, {"texts": [_TEXT]})),
            (forms.REST, forms.post(serving, {"instances": [_TEXT]})),
        ],
    }
