"""The `.keras` file: the end-to-end model, for whoever has Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from dlcli.artifacts import metadata


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the model with its metadata inside.

    Args:
        path: ends in `.keras`.
    """
    model.save(path)
    metadata.append_to_zip(path, document)
