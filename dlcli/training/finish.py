"""The end of a training: the best model saved, measured and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from dlcli import (
    artifacts,
    data,
    evaluation,
    files,
    kinds,
    outputs,
    preprocessing,
    reporting,
    tasks,
)
from dlcli.artifacts import metadata
from dlcli.artifacts.keras_file import KerasPredictor
from dlcli.baselines import Numbers
from dlcli.evaluation import baselines, evaluate, plots, predictions
from dlcli.events import Events, Warned
from dlcli.export import keras_file
from dlcli.recipe.schema import Recipe
from dlcli.reporting import examples
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard.board import Board
from dlcli.training import environment
from dlcli.training.loop import Position


def save(
    run: RunDir,
    recipe: Recipe,
    recipe_name: str,
    preprocessor: keras.Model,
    spec: data.DataSpec,
    weights: Sequence[np.ndarray],
    validation: data.Split,
    events: Events,
) -> dict[str, Any]:
    """Write the end-to-end model with the best weights, in one step.

    Args:
        run: gets `model.keras` and `metadata.json`.
        validation: what thresholds are chosen on, where the output has some.
        events: told where they cannot be.

    Returns:
        The metadata.
    """
    # Built anew: in float32 whatever the training precision was, and without the optimizer.
    core = tasks.build_core(recipe, preprocessor, spec, "float32")
    core.set_weights(weights)
    document = {
        "format": metadata.FORMAT,
        "task": recipe.task,
        "input": preprocessing.describe(recipe, spec, preprocessor),
        **spec.answered(),
        "recipe_name": recipe_name,
        "recipe": recipe.model_dump(mode="json"),
        "versions": environment.versions(),
    }
    model = tasks.end_to_end(preprocessor, core)
    if evaluation.of(recipe.task).decide:
        refit = recipe.training.refit  # the model was trained on the validation split as well
        rows = validation.rows[:0] if refit else validation.rows
        bounds = (0, len(rows))
        answers = evaluate.predict(KerasPredictor(model, document), validation, bounds=bounds)
        decided = evaluation.decided(recipe.task, answers, validation.targets[rows])
        if refit:
            events(
                Warned(
                    "training.refit leaves no validation split to choose "
                    f"{' and '.join(decided)} on: the defaults are taken."
                )
            )
        document |= decided
    with files.replacing(run.model) as aside:
        keras_file.write(model, document, aside)
    files.write_json(run.metadata, document)
    return document


def measure(
    run: RunDir,
    recipe: Recipe,
    dataset: data.DataSet,
    numbers: Numbers,
    position: Position,
    board: Board,
    events: Events,
    sample: str = "",
    refit_history: Sequence[dict[str, float]] = (),
) -> dict[str, Any]:
    """Measure the saved model on the test split beside simple models, and draw it.

    Args:
        run: has its model; gets its plots and its answers, and at last `metrics.json`.
        dataset: raw examples; its train split is what the model was trained on.
        numbers: see `dlcli.baselines.answers`.
        position: has the history of the training that chose the epoch.
        events: told what does not stand in the way.
        sample: a text that the model wrote, or "".
        refit_history: of the training on the train and validation splits together that made the
            model, if that did.

    Returns:
        The document of `metrics.json`.
    """
    test = dataset.splits.test
    # The saved file is what is measured, not the model in memory.
    predictor = artifacts.load(run.model, trust=True)
    document = predictor.metadata
    answers = evaluate.predict(predictor, test)
    measured = evaluate.measure(answers, test, document)
    head = tasks.head_of(recipe.task)
    best, monitor = position.history[position.best_epoch - 1], recipe.training.monitor
    terms: dict[str, dict[str, np.ndarray]] = {}
    metrics = {
        "test": measured,
        # The model of a refit has seen that split.
        "validation": {}
        if refit_history
        else {name: best[f"val_{name}"] for name in ("loss", *head.METRICS)},
        "baselines": baselines.measure(recipe, dataset, numbers, document, terms.__setitem__),
        "monitor": kinds.output_of(recipe.task).monitor.name,
        "best_epoch": position.best_epoch,
        "epochs": position.epoch,
        "chosen_by": {
            "metric": monitor,
            "higher_is_better": outputs.metric(monitor).higher_is_better,
            "validation": best[f"val_{monitor}"],
        },
    }
    if refit_history:
        metrics["refit"] = {
            "epochs": len(refit_history),
            "examples": len(dataset.splits.train),
            "train_loss": refit_history[-1]["loss"],
        }
    module = evaluation.of(recipe.task)
    boxes = plots.undrawable(evaluation.written(recipe.task, document))
    if boxes:
        events(
            Warned(
                f"no installed font has {boxes[:20]}: plots show boxes in their place. "
                "Install one, such as Noto (Debian: fonts-noto-core and fonts-noto-cjk), or for "
                "emoji Symbola (fonts-symbola)."
            )
        )
    run.plots.mkdir(exist_ok=True)
    plots.training_curves(position.history, position.best_epoch, run.plots / "training.png")
    kept = predictions.of(answers, test, document, terms)
    metrics["verdict"] = baselines.verdict(metrics, kept, document)
    targets = test.targets[test.rows]
    drawn = module.draw(measured, answers, targets, document, run.plots, test.name)
    board.completed(
        predictor, measured, answers, drawn, epochs=position.epoch, seconds=position.seconds
    )
    _keep(run, kept, test, document, sample, events)
    # The last file: its presence says that the run is complete.
    files.write_json(run.metrics, metrics)
    return metrics


def report(run: RunDir, events: Events) -> None:
    """Write the report and the model card of a completed run; what goes wrong is a warning."""
    try:
        reporting.write(run)
    except Exception as error:  # noqa: BLE001 - the run is complete and good without it
        again = f"dlcli report {run.reference()}"
        events(Warned(f"the report cannot be written ({error}). Try again: {again}"))


def _keep(
    run: RunDir,
    kept: predictions.Predictions | None,
    test: data.Split,
    document: dict[str, Any],
    sample: str,
    events: Events,
) -> None:
    """Keep the answers to the test split in the run, and what a report shows of its examples."""
    try:
        run.predictions.mkdir(exist_ok=True)
        if sample:
            files.write_text(examples.sample_of(run), sample)
        if kept:
            kept = examples.with_attributes(kept, test, document)
            predictions.write(run, kept)
            examples.write_worst(run, kept, test, document)
    except Exception as error:  # noqa: BLE001 - the model and its metrics need none of it
        events(Warned(f"the answers to the test split cannot be kept ({error})."))
