"""Pictures that are made of noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.serving import forms


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form; a sheet of pictures is asked for."""
    command = forms.post(forms.GENERATE, {"count": 16, "seed": 1})
    return {
        "form": "pictures",
        "does": "Makes pictures of noise.",
        "examples": [("A sheet of pictures", f"{command} -o pictures.png")],
    }
