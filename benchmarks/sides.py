"""Sides of a benchmark: processes that wait while another one works, and the table of their speeds.

A side is a program's way to do the work. A benchmark asks each of them in turns, so that a drift
of the machine's speed favours nobody, and prints medians and ratios.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def installed(sides: Sequence[str]) -> list[str]:
    """The sides whose packages are there: PyTorch is no dependency of dlcli."""
    return [side for side in sides if "PyTorch" not in side or util.find_spec("torch")]


def machine() -> str:
    """What the figures were measured on."""
    features = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [
        line.partition(":")[2].strip()
        for line in features.splitlines()
        if line.startswith("model name")
    ]
    packages = ["tensorflow", "keras", *(["torch"] if util.find_spec("torch") else [])]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    kind = "with" if "avx512_bf16" in features or "amx_bf16" in features else "without"
    return (
        f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}, "
        f"{kind} products of bfloat16; Python {platform.python_version()}, {versions}"
    )


@contextmanager
def workers(script: str, sides: Sequence[str], *options: str) -> Iterator[Ask]:
    """One process a side, `script --side SIDE`; a function asks one of them for a piece of work."""
    started = {
        side: subprocess.Popen(
            [sys.executable, script, "--side", side, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for side in sides
    }

    def ask(side: str, question: dict[str, Any]) -> dict[str, Any]:
        process = started[side]
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise SystemExit(f"the side '{side}' ended without an answer")
        return json.loads(answer)

    try:
        yield ask
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Be a side: answer each question that comes until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def speeds(
    ask: Ask, sides: Sequence[str], works: Sequence[Any], rounds: int
) -> dict[tuple[str, Any], list[float]]:
    """Examples a second of each side and work, `rounds` of each after one that is not counted."""
    found: dict[tuple[str, Any], list[float]] = {}
    for number in range(rounds + 1):
        turn = number % len(sides)
        for side in [*sides[turn:], *sides[:turn]]:
            for work in works:
                speed = ask(side, {"work": work})["speed"]
                if number:
                    found.setdefault((side, work), []).append(speed)
    return found


def medians(found: dict[tuple[str, Any], list[float]]) -> dict[tuple[str, Any], float]:
    """The middle of each side's speeds at each work."""
    return {key: statistics.median(values) for key, values in found.items()}
