"""Text and pictures that a model makes, sent by the server."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dlcli.serving.model import RequestedModel

_LARGEST_SEED = 2**31 - 1


class Text(BaseModel):
    """What text is wanted.

    Args:
        length: characters to write.
        temperature: see `dlcli.generation.text.Generator`, as the rest.
        stream: whether it is sent as it is written, as plain text.
    """

    model_config = ConfigDict(extra="forbid")

    prompt: str = ""
    length: int = Field(default=500, ge=1, le=10_000)
    temperature: float = Field(default=0.8, ge=0, allow_inf_nan=False)
    top_k: int | None = Field(default=None, ge=1)
    seed: int = Field(default_factory=lambda: secrets.randbelow(10**6), ge=0, le=_LARGEST_SEED)
    stream: bool = False


class Pictures(BaseModel):
    """What pictures are wanted."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(default=16, ge=1, le=256)
    seed: int = Field(default_factory=lambda: secrets.randbelow(10**6), ge=0, le=_LARGEST_SEED)


def text(model: RequestedModel, wanted: Text) -> tuple[str, Iterator[str]]:
    """Go on with a prompt.

    Returns:
        The characters of the prompt that the model does not know; and the text, one character
        after another as they are drawn.
    """
    from dlcli.generation.text import Generator

    generator = Generator(
        model, temperature=wanted.temperature, top_k=wanted.top_k, seed=wanted.seed
    )
    return generator.unknown(wanted.prompt), generator.generate(wanted.prompt, wanted.length)


def pictures(model: RequestedModel, wanted: Pictures) -> bytes:
    """Make pictures.

    Returns:
        One sheet with all of them, a PNG file.
    """
    from dlcli.generation import image

    made = image.make(model, wanted.count, wanted.seed)
    with tempfile.TemporaryDirectory(prefix="dlcli-serve-") as folder:
        path = Path(folder, "pictures.png")
        image.write(made, path)
        return path.read_bytes()
