"""A picture that is dropped or chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.serving import forms


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form; a file is sent as it is, or within JSON."""
    picture = '{"image_bytes": {"b64": "\'$(base64 < photo.jpg | tr -d "\\n")\'"}}'
    body = f'{{"signature_name": "encoded", "instances": [{picture}]}}'
    return {
        "form": "image",
        "does": forms.says(document, "what a picture shows", "a picture"),
        "examples": [
            ("A file", f"curl -F file=@photo.jpg {forms.PREDICT}"),
            (forms.REST, f"curl {serving} {forms.JSON} -d '{body}'"),
        ],
    }
