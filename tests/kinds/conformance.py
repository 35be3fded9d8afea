"""Check with mypy that every kind and output implements the Protocol of each layer.

python tests/kinds/conformance.py

Modules are found by name, so their parts are checked here and not where they are called.
`ABSENT` gives the reason where a kind or an output has no file in a layer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlcli import catalog, kinds, outputs

ROOT = Path(__file__).parents[2]

KIND_LAYERS = {
    "recipe.sections": "Sections",
    "preprocessing": "Preprocessing",
    "baselines": "Baselines",
    "tasks.entry": "Entry",
    "reporting.examples": "ReportedExamples",
    "prediction": "Prediction",
    "explanation": "KindExplanation",
    "serving.forms": "Form",
}
OUTPUT_LAYERS = {
    "data.targets": "Targets",
    "tasks": "Head",
    "baselines": "SimpleModels",
    "evaluation": "Evaluation",
    "reporting.outputs": "Report",
    "tensorboard": "Views",
    "prediction": "InputPredictions",
    "explanation": "OutputExplanation",
}
# Modules that satisfy another Protocol than the rest of their layer, or a larger one.
OTHERS = {
    "dlcli.prediction.series": "prediction.protocols.Forecasts",
    "dlcli.prediction.forecasting": "prediction.protocols.StepPredictions",
    "dlcli.serving.forms.sequence": "serving.protocols.ValuesForm",
    "dlcli.serving.forms.series": "serving.protocols.ForecastForm",
    "dlcli.models.recurrent": "models.RecurrentFamily",
    "dlcli.models.gan": "models.TrainingFamily",
}
_NOISE = "noise has no meaning: `Kind.refusals`"
_LABELS = "its examples have no labels"
ABSENT = {
    ("reporting.examples", "image_generation"): "generated images are judged together",
    ("prediction", "image_generation"): _NOISE,
    ("explanation", "image_generation"): _NOISE,
    ("prediction", "generated_image"): _NOISE,
    ("explanation", "generated_image"): _NOISE,
    ("data.targets", "forecasting"): "targets are windows of the series",
    ("data.targets", "next_token"): "targets are the characters of the text",
    ("data.targets", "generated_image"): "there are no targets",
    ("baselines", "forecasting"): "the baselines of series forecast themselves",
    ("baselines", "next_token"): "the baselines of language modelling are n-grams",
    ("baselines", "generated_image"): "the baselines of generated images are images",
    ("tensorboard", "forecasting"): _LABELS,
    ("tensorboard", "next_token"): _LABELS,
    ("tensorboard", "generated_image"): _LABELS,
}


def assignments() -> Iterator[tuple[str, str]]:
    """Each module with the Protocol that it has to satisfy."""
    for layers, names in (
        (KIND_LAYERS, kinds.all_kinds()),
        (OUTPUT_LAYERS, outputs.all_outputs()),
    ):
        for layer, protocol in layers.items():
            for name in names:
                if (layer, name) not in ABSENT:
                    package = layer.partition(".")[0]
                    yield f"dlcli.{layer}.{name}", f"dlcli.{package}.protocols.{protocol}"
    for kind in kinds.all_kinds().values():
        yield f"dlcli.data.{kind.source}", "dlcli.data.protocols.Source"
        if kind.built_in_kind != kind.name:
            yield f"dlcli.data.{kind.name}", "dlcli.data.protocols.Borrower"
    for name in catalog.built_in_sources():
        yield f"dlcli.data.builtin.{name}", "dlcli.data.protocols.BuiltIn"
    for name in catalog.family_names():
        yield f"dlcli.models.{name}", "dlcli.recipe.protocols.Family"


def _file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def main() -> int:
    """Write the assignments and run mypy on them."""
    wrong = [
        f"dlcli.{layer}.{name} exists: take it out of ABSENT"
        for layer, name in ABSENT
        if _file(f"dlcli.{layer}.{name}").exists()
    ]
    pairs = [
        (module, f"dlcli.{OTHERS[module]}" if module in OTHERS else protocol)
        for module, protocol in assignments()
    ]
    missing = [pair for pair in pairs if not _file(pair[0]).exists()]
    wrong += [
        f"missing: {_file(module).relative_to(ROOT)} (Protocol {protocol.rpartition('.')[2]})"
        for module, protocol in missing
    ]
    pairs = [pair for pair in pairs if pair not in missing]
    modules = sorted({module for module, _ in pairs})
    packages = sorted({protocol.rpartition(".")[0] for _, protocol in pairs})
    lines = [f"import {name}" for name in [*modules, *packages]]
    lines += [f"_{n}: {protocol} = {module}" for n, (module, protocol) in enumerate(pairs)]
    with tempfile.NamedTemporaryFile("w", suffix=".py", prefix="conformance_") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        done = subprocess.run([sys.executable, "-m", "mypy", file.name], cwd=ROOT, check=False)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return int(bool(wrong or done.returncode))


if __name__ == "__main__":
    sys.exit(main())
