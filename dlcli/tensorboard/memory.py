"""How much memory the training holds."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf


def in_gigabytes() -> dict[str, float]:
    """What this process holds now, and the most that it held on the first accelerator.

    Returns:
        `process_gb` where the system tells it, `device_gb` where there is one.
    """
    found = {}
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        found["process_gb"] = pages * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (OSError, ValueError, IndexError):
        pass  # macOS has none
    if tf.config.get_visible_devices("GPU"):
        found["device_gb"] = tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e9
    return found
