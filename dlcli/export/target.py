"""What is to be written: a format, how its weights are kept, and its batch size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FORMATS = ("keras", "saved-model", "tflite", "onnx")
# What the names of files begin with while they are written, and when they failed their proof.
PARTIAL, REJECTED = "partial-", "rejected-"
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")

_STEMS = {
    "keras": ("model", ".keras"),
    "saved-model": ("saved_model", ""),
    "tflite": ("model", ".tflite"),
    "onnx": ("model", ".onnx"),
}


@dataclass(frozen=True)
class Target:
    """One artifact to be.

    Args:
        batch: the only batch size that it takes, or None for any.
    """

    format: str
    quantize: str = "none"
    batch: int | None = None

    @property
    def file_name(self) -> str:
        """The name in a run's `exports`, one for each target."""
        stem, suffix = _STEMS[self.format]
        batch = f".batch{self.batch}" if self.batch else ""
        quantize = "" if self.quantize == "none" else f".{self.quantize}"
        return f"{stem}{quantize}{batch}{suffix}"

    @property
    def title(self) -> str:
        """The format, and how it is quantized, for messages."""
        return self.format if self.quantize == "none" else f"{self.format} {self.quantize}"


def targets(
    formats: Sequence[str], quantizations: Sequence[str] = ("none",), batch: int | None = None
) -> list[Target]:
    """Every artifact that is asked for.

    Quantizations are for TFLite; a fixed batch size is for TFLite and ONNX.
    """
    found = []
    for name in formats:
        if name == "tflite":
            found += [Target(name, quantize, batch) for quantize in quantizations]
        else:
            found.append(Target(name, batch=batch if name == "onnx" else None))
    return found
