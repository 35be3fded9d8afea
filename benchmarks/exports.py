"""Every export of stored runs in one table: what each is made of, its size, speed and answers.

    python benchmarks/exports.py RUN... [--again] [--update docs/exports.md]

What a run's `exports` folder has is taken from there, the rest is exported and proven first. An
artifact that cannot be has the reason in its row. With --update the table replaces the one in a
page, between its two marks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dlcli import kinds, tensorflow_setup
from dlcli.errors import DlcliError
from dlcli.export import export
from dlcli.export.target import QUANTIZATIONS, Target
from dlcli.recipe import schema
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir

TARGETS = [
    Target("keras"),
    Target("saved-model"),
    Target("onnx"),
    *(Target("tflite", quantize) for quantize in QUANTIZATIONS),
]
# Of other networks these have the operators of any batch size.
RECURRENT_TARGETS = [
    Target("tflite", quantize, batch=1) for quantize in ("none", "dynamic", "int8")
]
HEADING = (
    "network", "file", "operators", "kB", "of float32", "ms, 1", "ms, 32", "difference", "metric",
)  # fmt: skip
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
# What tells how a network was converted; the others are arithmetic and shapes.
_TELLING = (
    "UNIDIRECTIONAL_SEQUENCE_LSTM", "WHILE", "CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED",
    "BATCH_MATMUL", "LSTM", "GRU", "RNN", "Loop", "Conv", "ConvTranspose", "Gemm", "MatMul",
)  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs")
    parser.add_argument("--again", action="store_true", help="export what is there as well")
    parser.add_argument("--update", type=Path, metavar="PAGE", help="put the table into a page")
    arguments = parser.parse_args()
    tensorflow_setup.prepare(debug=False)
    lines = [row(HEADING), row(["---"] * len(HEADING))]
    kinds: Counter[str] = Counter()
    for path in arguments.runs:
        run = RunDir(path)
        for line, operators in rows(run, arguments.again):
            lines.append(line)
            print(line, file=sys.stderr, flush=True)
            kinds.update(set(operators))
    table = "\n".join(lines) + "\n"
    if kinds:
        table += f"\nAll operators of these TFLite files: {', '.join(sorted(kinds))}.\n"
    if arguments.update:
        page = arguments.update.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        content = f"{before}{BEGIN}\n{table}{END}{after}"
        arguments.update.write_text(content, encoding="utf-8")
    else:
        print(table, end="")


def rows(run: RunDir, again: bool) -> Iterator[tuple[str, Iterable[str]]]:
    """The lines of one run, each with its TFLite operators."""
    loaded = schema.load(str(run.recipe))
    name = f"{kinds.for_task(loaded.task).name}: {network(loaded.model.model_dump())}"
    is_recurrent = loaded.model.family in {"recurrent", "attention"}
    targets = TARGETS + RECURRENT_TARGETS * is_recurrent
    left = (
        targets if again else [target for target in targets if not stored_at(run, target).exists()]
    )
    reasons = make(run, left)
    plain = documents.read_json(run.exports / "model.tflite.json")["bytes"]
    for target in targets:
        shown = f"`{target.file_name}`"
        path = stored_at(run, target)
        if not path.exists():
            yield row([name, shown, reasons[target], *[""] * (len(HEADING) - 3)]), ()
            continue
        stored = documents.read_json(path)
        operators = stored["operators"]
        share = f"{100 * stored['bytes'] / plain:.0f} %" if target.format == "tflite" else "-"
        parity, latency = stored["parity"], stored["latency"]
        cells = [
            name,
            shown,
            telling(operators) if operators else "TensorFlow's own",
            f"{stored['bytes'] / 1000:,.0f}",
            share,
            f"{latency['single_ms']:.3g}",
            f"{latency['batch_ms']:.3g}",
            f"{parity['max_difference']:.1e}",
            f"{parity['metric']} {parity['before']:.4g} -> {parity['after']:.4g}",
        ]
        yield row(cells), operators if target.format == "tflite" else ()


def stored_at(run: RunDir, target: Target) -> Path:
    """Where an export keeps what it measured."""
    return run.exports / f"{target.file_name}.json"


def make(run: RunDir, targets: list[Target]) -> dict[Target, str]:
    """Export all, and go on after those that fail: the reason of each."""
    reasons = {}
    left = list(targets)
    while left:
        try:
            for exported in export.export(run, tuple(left), lambda text: None):
                left.remove(exported.target)
        except DlcliError as error:
            # In the order asked for: the first that is not there is the one that failed.
            reasons[left[0]] = f"none: {error.message.partition(' It is kept')[0]}"
            stored_at(run, left[0]).unlink(missing_ok=True)
            del left[0]
    return reasons


def network(model: dict[str, Any]) -> str:
    """A family, and for recurrent ones the layers that it is made of."""
    if model["family"] != "recurrent":
        return str(model["family"])
    cell = model["cell"] + ("-relu" if model["activation"] == "relu" else "")
    units = "x".join(map(str, model["units"]))
    return f"{'bidirectional ' if model['bidirectional'] else ''}{cell} {units}"


def telling(operators: dict[str, int]) -> str:
    """The number of operators, and those that tell how a network was converted."""
    found = [f"{operators[name]} {name}" for name in _TELLING if name in operators]
    return f"{sum(operators.values())}: {', '.join(found)}"


def row(cells: Iterable[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
