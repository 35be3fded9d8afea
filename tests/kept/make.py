"""Write the runs and artifacts that later versions have to load: tests/kept/VERSION.

    python tests/kept/make.py        # with the version that is to be kept; replaces nothing

data/         small made-up data of every kind, new/ what is predicted
runs/         a completed run of each task, with every artifact that the version can export
interrupted/  a run of each task that was stopped in the middle of its second epoch
answers/      what each run and artifact answered for new/, by the command line, and the
              exports that the version refused, each with its reason

Networks are as small as they can be. What a later version does not read is left out: logs, plots
and reports. Every path in a kept file is relative, and what environment.json says of the machine
is left at what decides the numerical result.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import dlcli  # noqa: E402
from dlcli.artifacts import manifest  # noqa: E402
from dlcli.errors import DlcliError  # noqa: E402
from dlcli.recipe import schema  # noqa: E402
from dlcli.runs.run_dir import RunDir  # noqa: E402

FOLDER = Path(__file__).parent / ".".join(dlcli.__version__.split(".")[:2])
# As deep below FOLDER as a run is: a relative path in a run's recipe.yaml starts at the run.
WORKING_FOLDER = FOLDER / "data" / "pictures"

# Task -> recipe, data, overrides.
TRAININGS = {
    "image-classification": (
        "image-convnet",
        "data/pictures",
        "preprocessing.image_size=[8, 8]",
        "model.filters=[4, 8]",
        "model.dense_units=[8]",
    ),
    "image-generation": (
        "digits-gan",
        "data/pictures",
        "preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 6}",
        "model.filters=[8, 4]",
    ),
    "table-classification": (
        "table-mlp",
        "data/rows.csv",
        "data.target=plan",
        "data.exclude=[price]",
        "model.units=[8]",
    ),
    "table-regression": (
        "table-linear",
        "data/rows.csv",
        "task=table-regression",
        "data.target=price",
        "data.exclude=[plan]",
    ),
    "text-classification": (
        "text-bilstm",
        "data/texts.csv",
        "preprocessing.sequence_length=12",
        "embedding.size=4",
        "model.units=[4]",
        "model.dense_units=[4]",
    ),
    "text-generation": (
        "char-lstm",
        "data/text.txt",
        "preprocessing.sequence_length=20",
        "model.units=[16]",
        "training.batch_size=16",
        "data.validation_fraction=0.15",
    ),
    "series-forecasting": (
        "series-lstm",
        "data/months.csv",
        "data.target=[load, price]",
        "preprocessing={steps: 12, horizon: 3, relative_to: last}",
        "model.units=[6]",
    ),
    "sequence-classification": (
        "sequence-lstm",
        "data/Waves_TRAIN.ts",
        "model.units=[6]",
    ),
}
COMMON = ("training.epochs=6", "training.precision=float32")
INTERRUPTED = ("training.epochs=3", "training.batch_size=8", "training.checkpoint_steps=3")

# Task -> what is asked of a run or an artifact, which stands for "ARTIFACT".
QUESTIONS = {
    "image-classification": ("predict", "ARTIFACT", "new/pictures"),
    "image-generation": ("generate", "ARTIFACT", "--count", "4", "--seed", "5"),
    "table-classification": ("predict", "ARTIFACT", "new/rows.csv"),
    "table-regression": ("predict", "ARTIFACT", "new/rows.csv"),
    "text-classification": ("predict", "ARTIFACT", "new/texts.csv"),
    "text-generation": (
        "generate", "ARTIFACT", "--prompt", "The qu", "--length", "60", "--temperature", "0.5",
        "--seed", "5",
    ),
    "series-forecasting": ("predict", "ARTIFACT", "new/months.csv"),
    "sequence-classification": ("predict", "ARTIFACT", "new/Waves.ts"),
}  # fmt: skip
# Formats, quantization of TFLite files, batch size.
EXPORTS = (
    ("keras", "none", None),
    ("saved-model", "none", None),
    ("onnx", "none", None),
    ("tflite", "none", None),
    ("tflite", "float16", None),
    ("tflite", "dynamic", None),
    ("tflite", "int8", None),
    ("onnx", "none", 1),
    ("tflite", "none", 1),
)
LEFT_OUT = ("tensorboard", "plots", "checkpoints", "report.html", "model_card.md", "run.lock")


# ---------------------------------------------------------------- the data


def write_pictures(folder: Path, num_each: int, seed: int) -> None:
    """Write bright discs and dark bars on noise, of 12 x 12 pixels in colour."""
    from PIL import Image

    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[:12, :12]
    for name in ("bar", "disc"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index in range(num_each):
            pixels = draw.integers(80, 140, (12, 12, 3))
            centre = draw.integers(4, 8, 2)
            if name == "disc":
                shape = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 10
            else:
                shape = abs(columns - centre[1]) < 2
            pixels[shape] += 100 if name == "disc" else -70
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{index:02}.png")


def write_new_pictures(folder: Path) -> None:
    """Write two like those of the data, one of another size, and one in grey."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as aside:
        write_pictures(Path(aside), num_each=1, seed=1)
        folder.mkdir(parents=True)
        for name in ("bar", "disc"):
            shutil.copy(Path(aside, name, "00.png"), folder / f"{name}.png")
    with Image.open(folder / "disc.png") as disc:
        disc.resize((20, 16)).save(folder / "disc-larger.png")
        disc.convert("L").save(folder / "disc-grey.png")


def table(num_rows: int, seed: int) -> list[dict[str, Any]]:
    """Make customers whose plan and price follow from age, income and city, with gaps."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(num_rows):
        age, income = int(draw.integers(18, 80)), round(float(draw.normal(40, 12)), 2)
        city = str(draw.choice(["Rome", "Köln", "上海"]))
        score = age / 20 + income / 15 + 2 * (city == "Köln") + draw.normal(0, 0.3)
        rows.append(
            {
                "age": age,
                "income": "" if draw.random() < 0.1 else income,
                "city": "" if draw.random() < 0.05 else city,
                "plan": "gold" if score > 5.5 else "basic",
                "price": round(10 * score, 2),
            }
        )
    return rows


def text(num_words: int, label: str, draw: np.random.Generator) -> str:
    """Make a text that says its label."""
    words = {"good": ["fine", "très", "好"], "bad": ["dull", "weak", "坏"]}[label]
    return " ".join(draw.choice([*words, "the", "film,"], num_words))


def months(num_rows: int, seed: int) -> list[dict[str, Any]]:
    """Make two series with a period of a year, on scales far apart, one with gaps."""
    draw = np.random.default_rng(seed)
    rows = []
    for row in range(num_rows):
        season = 2 * np.pi * row / 12
        rows.append(
            {
                "month": f"{2000 + row // 12}-{row % 12 + 1:02}",
                "load": round(5000 + 800 * np.sin(season) + 20 * draw.normal(), 1),
                "price": "" if row % 50 == 45 else round(2 + np.cos(season) / 2, 3),
            }
        )
    return rows


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows under the names of their columns; no cell needs quotes but one with a comma."""

    def cell(value: Any) -> str:
        return f'"{value}"' if "," in str(value) else str(value)

    lines = [",".join(rows[0]), *(",".join(map(cell, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_waves(path: Path, num_series: int, seed: int) -> None:
    """Write series of unequal lengths, rising or falling, with a gap here and there."""
    draw = np.random.default_rng(seed)
    lines = ["@problemName Waves", "@timeStamps false", "@classLabel true rising falling", "@data"]
    for index in range(num_series):
        label = ("rising", "falling")[index % 2]
        steps = np.arange(draw.integers(8, 15))
        values = (1 if label == "rising" else -1) * steps / 4 + draw.normal(0, 0.5, len(steps))
        shown = [f"{value:.3f}" for value in values]
        if index % 9 == 4:
            shown[3] = "?"
        lines.append(f"{','.join(shown)}:{label}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_data() -> None:
    """Write data/ and new/."""
    data, new = FOLDER / "data", FOLDER / "new"
    write_pictures(data / "pictures", num_each=24, seed=0)
    write_new_pictures(new / "pictures")
    write_csv(data / "rows.csv", table(120, seed=0))
    rows = [{name: row[name] for name in ("age", "income", "city")} for row in table(6, seed=1)]
    rows[2]["income"], rows[3]["city"], rows[4]["city"] = "", "", "Oslo"
    write_csv(new / "rows.csv", rows)
    draw = np.random.default_rng(0)
    labels = ["good" if row % 3 else "bad" for row in range(90)]
    texts: list[str] = []
    for label in labels:
        words = text(draw.integers(2, 9), label, draw)
        while words in texts:  # the splits are to depend on no rule about equal texts
            words += " the"
        texts.append(words)
    write_csv(
        data / "texts.csv",
        [{"text": words, "label": label} for words, label in zip(texts, labels, strict=True)],
    )
    asked = [text(length, "bad", draw) for length in (3, 15)]
    write_csv(new / "texts.csv", [{"text": words} for words in ("fine", *asked, "quite unknown")])
    sentences = (
        "床前明月光,疑是地上霜。\n",
        "The quick brown fox jumps.\n",
        "over the lazy dog!\n",
    )
    content = "".join(sentences[choice] for choice in draw.integers(0, len(sentences), 200))
    (data / "text.txt").write_text(content, encoding="utf-8")
    write_csv(data / "months.csv", months(150, seed=0))
    write_csv(new / "months.csv", months(100, seed=1)[60:])
    write_waves(data / "Waves_TRAIN.ts", 60, seed=0)
    write_waves(data / "Waves_TEST.ts", 20, seed=1)
    write_waves(new / "Waves.ts", 5, seed=2)


# ---------------------------------------------------------------- runs and artifacts


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def train(task: str, runs_folder: Path, *overrides: str, is_stopped: bool = False) -> RunDir:
    """Train a task, to the end or until it is stopped after three steps of its second epoch.

    Nothing but the path of the data is other than `dlcli train` would have it: that is relative
    to the run, where the command line makes it absolute.
    """
    from dlcli.events import StepsDone
    from dlcli.training import run as training

    name, source, *own = TRAININGS[task]
    reached = False

    def report(event: Any) -> None:
        nonlocal reached
        if isinstance(event, StepsDone):
            reached = reached or (is_stopped and event.epoch == 1 and event.step >= 3)

    loaded = schema.load(name, [*own, *COMMON, *overrides])
    data = loaded.data.model_copy(update={"source": f"../../{source}"})
    loaded = loaded.model_copy(update={"data": data})
    sys.argv = ["dlcli", "train", name, "--data", source, *own, *COMMON, *overrides]
    with inside(WORKING_FOLDER):
        result = training.train(
            loaded, name, runs_folder, name=task, events=report, stop=lambda: reached
        )
    if result.stopped != is_stopped:
        raise SystemExit(f"{task} was not stopped where it was to be.")
    return result.run


def export(run: RunDir) -> dict[str, str]:
    """Export every artifact; the reasons of those that the version refuses, by file name."""
    from dlcli.export import export as exporting
    from dlcli.export.target import targets

    refused = {}
    for format_name, quantize, batch in EXPORTS:
        [target] = targets([format_name], [quantize], batch)
        try:
            [_] = exporting.export(run, [target], lambda stage: None)
        except DlcliError as error:
            refused[target.file_name] = error.message.replace(f"{run.path}/", "")
    for rejected in run.exports.glob("rejected-*"):
        rejected.unlink()
    return refused


def ask(arguments: tuple[str, ...], artifact: str) -> Any:
    """Ask one run or artifact by the command line, and read what it answers."""
    from dlcli.cli.app import main

    command = [artifact if part == "ARTIFACT" else part for part in arguments]
    with tempfile.TemporaryDirectory() as made, contextlib.redirect_stdout(io.StringIO()) as out:
        pictures = Path(made) / "pictures"
        is_made = "--count" in command
        code = main([*command, "--json", "--trust", *(["--output", str(pictures)] * is_made)])
        if code:
            raise SystemExit(f"dlcli {' '.join(command)} ended with exit code {code}.")
        if is_made:
            return {"pictures": pixels(pictures)}
    document = json.loads(out.getvalue())
    kept = ("predictions", "prompt", "text", "unknown_in_prompt")
    return {name: document[name] for name in kept if name in document}


def pixels(folder: Path) -> list[list[list[int]]]:
    """Read the pixels of each picture in a folder: (pictures, height, width)."""
    from PIL import Image

    return [np.asarray(Image.open(path)).tolist() for path in sorted(folder.iterdir())]


def scrub(run: RunDir) -> None:
    """Leave out what names the machine, or is not read again."""
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    environment |= {"platform": "Linux", "git_commit": None}
    text = json.dumps(environment, indent=2, ensure_ascii=False) + "\n"
    run.environment.write_text(text, encoding="utf-8")
    for older in sorted(run.checkpoints.glob("step-*"))[:-1]:
        older.unlink()
    for name in LEFT_OUT:
        if name == "checkpoints" and not run.metrics.exists():
            continue
        path = run.path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def write_task(task: str) -> None:
    """Write what is kept of one task."""
    run = train(task, FOLDER / "runs")
    refused = export(run)
    files = (path for path in sorted(run.exports.iterdir()) if path.suffix != ".json")
    artifacts = [f"runs/{task}", *(f"runs/{task}/exports/{path.name}" for path in files)]
    artifacts.remove(f"runs/{task}/exports/{manifest.FILE}")
    with inside(FOLDER):
        answers = {artifact: ask(QUESTIONS[task], artifact) for artifact in artifacts}
    document = {"question": QUESTIONS[task], "answers": answers, "refused": refused}
    (FOLDER / "answers").mkdir(exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (FOLDER / "answers" / f"{task}.json").write_text(text, encoding="utf-8")
    scrub(run)
    scrub(train(task, FOLDER / "interrupted", *INTERRUPTED, is_stopped=True))


def main() -> None:
    """Write everything; one task a process, as TensorFlow is set up once in each."""
    if len(sys.argv) > 1:
        write_task(sys.argv[1])
        return
    if FOLDER.exists():
        raise SystemExit(f"{FOLDER} is there already; what is kept is not written again.")
    write_data()
    with tempfile.TemporaryDirectory() as configuration:
        environment = {
            **os.environ,
            "XDG_CONFIG_HOME": configuration,
            "XDG_CACHE_HOME": configuration,
        }
        for task in TRAININGS:
            print(task, flush=True)
            subprocess.run([sys.executable, __file__, task], check=True, env=environment)


if __name__ == "__main__":
    main()
