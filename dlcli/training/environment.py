"""What a run was trained on: versions, device, data, command line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL
import tensorflow as tf

from dlcli import __version__
from dlcli.data import DataSet
from dlcli.devices import local
from dlcli.devices.replicas import Replicas

# Environment variables that choose other kernels, and so other bits.
_VARIABLES = (
    "DNNL_MAX_CPU_ISA", "NVIDIA_TF32_OVERRIDE", "ONEDNN_DEFAULT_FPMATH_MODE", "ONEDNN_MAX_CPU_ISA",
    "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "XLA_FLAGS",
)  # fmt: skip
# Of the features of a CPU, those whose instructions compute: x86 and Arm.
_COMPUTING = ("sse4", "avx", "fma", "f16c", "amx", "asimd", "fp", "sve", "sme", "bf16", "i8mm")


def versions() -> dict[str, str]:
    """Versions that decide the bits of a result."""
    return {
        "dlcli": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
    }


def device(num_used: int = 1) -> str:
    """The device that training runs on, or each of several, as a person would name it."""
    # Those that training does not use are hidden by it, and count here all the same.
    gpus = tf.config.list_physical_devices("GPU")
    if tf.config.get_visible_devices("GPU"):
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
        return name if len(gpus) == num_used else f"{name} ({num_used} of {len(gpus)} used)"
    num_cores = local.num_processors()
    return f"CPU ({num_cores} core{'s' * (num_cores > 1)})"


def describe(num_devices: int = 1) -> dict[str, Any]:
    """Versions, device, command line, time and the commit of the folder that dlcli runs in.

    Args:
        num_devices: that this process trains on.
    """
    return {
        **versions(),
        "platform": platform.platform(),
        "device": device(num_devices),
        "cpu_features": cpu_features(),
        "intra_op_threads": tf.config.threading.get_intra_op_parallelism_threads()
        or local.num_processors(),
        "variables": {name: os.environ[name] for name in _VARIABLES if name in os.environ},
        "argv": sys.argv,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_commit": _git_commit(),
    }


def in_words(replicas: Replicas) -> str:
    """What the steps are taken on, as a person would say it."""
    name = device(replicas.num_local)
    parts = "parts of a " if name.startswith("CPU") else "x "
    if replicas.num_local > 1:
        name = f"{replicas.num_local} {parts}{name}"
    workers = len(replicas.workers)
    return name if workers == 1 else f"{workers} workers, each on {name}"


def of_run(
    recipe_name: str,
    *,
    task: str,
    seed: int,
    source: str | None,
    dataset: DataSet,
    replicas: Replicas,
    num_parameters: int,
) -> dict[str, Any]:
    """The document of a run's `environment.json`."""
    spec = dataset.spec
    return {
        **describe(replicas.num_local),
        "devices": replicas.num_replicas,
        "workers": len(replicas.workers),
        "recipe": recipe_name,
        "task": task,
        "seed": seed,
        "parameters": num_parameters,
        "data": {
            "source": source,
            "fingerprint": spec.fingerprint,
            "examples": {name: len(split) for name, split in vars(dataset.splits).items()},
            "bad_files": [list(item) for item in spec.bad_files],
        },
    }


def cpu_features() -> list[str]:
    """The features of the CPU that kernels are chosen by; none where Linux does not tell them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in {"flags", "Features"}:
            return sorted(feature for feature in value.split() if feature.startswith(_COMPUTING))
    return []


def _git_commit() -> str | None:
    try:
        result = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            check=False,
            cwd=Path.cwd(),
            capture_output=True,
            text=True,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None if result.returncode == 0 else None
