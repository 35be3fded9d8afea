"""Prediction by the artifacts of a run of MNIST against Keras on the same model and images.

    python benchmarks/inference.py RUN [--rounds 7] [--update docs/performance.md]

RUN is a run of a network of MNIST whose exports hold saved_model, model.tflite, model.int8.tflite
and model.onnx. Two tables: processes that have loaded the model, asked for one image and for
10,000 in turns; and whole commands from cold, in turns as well, with the CPU seconds that they
took, which a busy machine does not change. With --update they replace those between their marks.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sides

PREDICT, CALL = "keras.Model.predict", "model(x) of Keras"
LARGER = "keras.Model.predict, batch_size=256"
FILES = {
    "dlcli, model.keras": "model.keras",
    "dlcli, saved_model": "exports/saved_model",
    "dlcli, model.onnx": "exports/model.onnx",
    "dlcli, model.tflite": "exports/model.tflite",
    "dlcli, model.int8.tflite": "exports/model.int8.tflite",
}
SIDES = [PREDICT, LARGER, CALL, *FILES]
WORKS = ("one", "all")
NUM_IMAGES, BATCH_SIZE = 10_000, 32
NUM_SINGLES = 50  # calls a round
BEGIN, END = "<!-- inference -->", "<!-- end of inference -->"

_SCRIPT = """
import sys, numpy, keras
model = keras.saving.load_model(sys.argv[1])
images = numpy.load(sys.argv[2])
numpy.savetxt(sys.argv[3], model.predict(images, verbose=0), delimiter=",")
"""


def main() -> None:
    """Measure, and print or store the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run of MNIST")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--update", type=Path, metavar="PAGE", help="put the tables into a page")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    run = arguments.run.resolve()
    if arguments.side:
        sides.serve(side(arguments.side, run))
        return
    processor: dict[tuple[str, Any], list[float]] = {}
    with sides.workers(__file__, SIDES, str(run)) as ask:

        def noting(side: str, question: dict[str, Any]) -> dict[str, Any]:
            told = ask(side, question)
            processor.setdefault((side, question["work"]), []).append(told["cpu"])
            return told

        found = sides.medians(sides.speeds(noting, SIDES, WORKS, arguments.rounds))
    cpu = sides.medians({key: values[1:] for key, values in processor.items()})
    text = (
        f"{sides.machine()}.\n\n{hot_table(found, cpu)}\n{cold_table(cold(run, arguments.rounds))}"
    )
    if arguments.update:
        page = arguments.update.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        content = f"{before}{BEGIN}\n{text}{END}{after}"
        arguments.update.write_text(content, encoding="utf-8")
    else:
        print(text, end="")


def images() -> Any:
    """The pictures of the test split, uint8 (10000, 28, 28, 1)."""
    import numpy as np

    from dlcli import data
    from dlcli.recipe import schema

    test = data.load(schema.load("mnist-cnn-small", [])).splits.test
    return test.gather(np.arange(NUM_IMAGES))[0]


def side(name: str, run: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What answers for one side."""
    raw = images()
    one, everything = predictor(name, run)

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["work"] == "all":
            start, cpu = time.perf_counter(), time.process_time()
            everything(raw)
            used = (time.process_time() - cpu) / NUM_IMAGES
            return {"speed": NUM_IMAGES / (time.perf_counter() - start), "cpu": used}
        seconds, cpu = [], time.process_time()
        for place in range(NUM_SINGLES):
            start = time.perf_counter()
            one(raw[place : place + 1])
            seconds.append(time.perf_counter() - start)
        used = (time.process_time() - cpu) / NUM_SINGLES
        return {"speed": 1 / statistics.median(seconds), "cpu": used}

    return answer


def predictor(name: str, run: Path) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A side's functions of one image and of all, from uint8 images to probabilities."""
    import numpy as np

    if name in FILES:
        from dlcli import artifacts

        loaded = artifacts.load(run / FILES[name])

        def all_of(raw: Any) -> Any:
            starts = range(0, len(raw), BATCH_SIZE)
            return [loaded.predict_batch(raw[start : start + BATCH_SIZE]) for start in starts]

        return loaded.predict_batch, all_of
    import keras

    from dlcli.artifacts import keras_file

    model: keras.Model = keras_file.load(run / "model.keras").model
    if name == CALL:

        def called(raw: Any) -> Any:
            starts = range(0, len(raw), BATCH_SIZE)
            return [np.asarray(model(raw[start : start + BATCH_SIZE])) for start in starts]

        return called, called
    size = 256 if name == LARGER else BATCH_SIZE

    def predicted(raw: Any) -> Any:
        return model.predict(raw, batch_size=size, verbose=0)

    return predicted, predicted


def cold(run: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds of whole commands, `rounds` of each in turns after one not counted."""
    import numpy as np
    from PIL import Image

    raw = images()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        Image.fromarray(raw[0].squeeze(-1)).resize((280, 280)).save(place / "photo.jpg")
        np.save(place / "one.npy", raw[:1])
        np.save(place / "all.npy", raw)
        out, dlcli = str(place / "answers.csv"), ["-m", "dlcli", "predict"]
        script = ["-c", _SCRIPT, str(run / "model.keras")]
        commands = {"python -c 'import numpy', for comparison": ["-c", "import numpy"]}
        commands["one picture: a script with keras.Model.predict"] = [*script, "one.npy", out]
        for name in ("model.keras", "model.onnx", "model.tflite"):
            commands[f"one picture: dlcli predict {name} photo.jpg"] = [
                *dlcli,
                str(file_of(run, name)),
                "photo.jpg",
            ]
        commands["10,000 images: a script with keras.Model.predict"] = [*script, "all.npy", out]
        for name in ("model.tflite", "model.int8.tflite"):
            commands[f"10,000 images: dlcli predict {name} --split test -o answers.csv"] = [
                *dlcli,
                str(file_of(run, name)),
                "--split",
                "test",
                "-o",
                out,
            ]
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = timed([sys.executable, *command], place)
                if number:
                    found[name].append(seconds)
    return found


def file_of(run: Path, name: str) -> Path:
    """The run's model, or one of its exports."""
    return run / name if name == "model.keras" else run / "exports" / name


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a process and those that it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr.decode(errors='replace')}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def hot_table(found: dict[tuple[str, Any], float], cpu: dict[tuple[str, Any], float]) -> str:
    """Milliseconds for one image and images a second of many, beside `keras.Model.predict`.

    Args:
        found: images a second of a side and a work.
        cpu: seconds of CPU for an image.
    """
    heading = ("ms, one image", "times as fast", "CPU ms", "images a second", "times as fast")
    lines = [row("loaded already", *heading, "CPU s of 10,000"), row(*["---"] * 7)]
    for name in SIDES:
        one, many = found[name, "one"], found[name, "all"]
        ratios = (one / found[PREDICT, "one"], many / found[PREDICT, "all"])
        cells = (
            f"{1000 / one:.3g}",
            f"{ratios[0]:,.0f}",
            f"{1000 * cpu[name, 'one']:.3g}",
            f"{many:,.0f}",
            f"{ratios[1]:.2f}",
            f"{NUM_IMAGES * cpu[name, 'all']:.2f}",
        )
        lines.append(row(name, *cells))
    return "\n".join(lines) + "\n"


def cold_table(found: dict[str, list[tuple[float, float]]]) -> str:
    """Seconds of whole commands."""
    lines = [row("from cold", "wall s", "CPU s"), row(*["---"] * 3)]
    for name, seconds in found.items():
        wall, cpu = (statistics.median(column) for column in zip(*seconds, strict=True))
        lines.append(row(name, f"{wall:.2f}", f"{cpu:.2f}"))
    return "\n".join(lines) + "\n"


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
