"""The form page: one HTML document, with what it shows of the model, that asks nobody else."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import quote

from dlcli import kinds
from dlcli.serving import forms, protocols
from dlcli.serving.endpoint import Limits
from dlcli.serving.model import Model


@dataclass(frozen=True)
class Page:
    """A page as it is sent."""

    content: bytes
    headers: Mapping[str, str]


def build(model: Model, limits: Limits) -> Page:
    """The page of a model."""
    style, script, frame = (_part(f"page.{suffix}") for suffix in ("css", "js", "html"))
    described = json.dumps(describe(model, limits), ensure_ascii=False)
    content = (
        frame.replace("{{style}}", style)
        .replace("{{script}}", script)
        .replace("{{title}}", html.escape(model.name))
        # A name that ends the element would end it.
        .replace("{{model}}", described.replace("<", "\\u003c"))
    )
    policy = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "cache-control": "no-cache",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return Page(content.encode("utf-8", "replace"), headers)


def describe(model: Model, limits: Limits) -> dict[str, Any]:
    """What the page knows of the model."""
    document = model.metadata
    module: protocols.Form = kinds.module("serving.forms", kinds.for_task(document["task"]))
    serving = f"{forms.ORIGIN}/v1/models/{quote(model.name)}:predict"
    described = module.page(document, serving, model.writes_text)
    examples = [{"title": title, "command": command} for title, command in described["examples"]]
    return {
        **described,
        "name": model.name,
        "file": model.file,
        "target": document.get("target") or "",
        "maxRequestMb": limits.max_request_mb,
        "examples": examples,
    }


def _part(name: str) -> str:
    return resources.files("dlcli.serving").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
