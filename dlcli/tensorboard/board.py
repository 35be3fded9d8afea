"""What of a run is shown, and when: every epoch what is cheap, now and then what is dear.

Training calls `begin`, `epoch` after each one, `completed` with the model that was saved, and
`close` in the end. None of them changes what training computes.
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import data, evaluation, kinds, preprocessing, tasks
from dlcli.artifacts.keras_file import input_spec
from dlcli.evaluation import evaluate
from dlcli.events import EpochEnded, Events, Warned
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard import (
    attention,
    examples,
    gradients,
    graph,
    projector,
    settings,
)
from dlcli.tensorboard.budget import Budget
from dlcli.tensorboard.event_files import EventFiles, Place
from dlcli.tensorboard.shown import Shown, some, views

_NUM_PROGRESS = 64  # validation examples whose predictions are drawn after every epoch
_NUM_VALIDATED = 2000  # examples of the validation split that are looked at again


class Board:
    """What one training shows in TensorBoard.

    Args:
        run: gets the event files, and of made pictures those of each epoch.
        settings_of_run: the recipe.
        kept: what is kept of it: often the core.
        epochs_done: epochs of the training that are completed; None before its first step.
        batch: gives a batch that the gradients are taken of, or None where the core is not what
            the loss is of.
        validated: puts the weights that are validated in place for a while.
        write_sample: writes a text with the weights of the moment, of a model that does.
        events: told of the first write that fails.
    """

    def __init__(
        self,
        run: RunDir,
        settings_of_run: schema.Recipe,
        dataset: data.DataSet,
        preprocessor: keras.Model,
        core: keras.Model,
        kept: keras.Model,
        *,
        epochs_done: int | None,
        batch: Callable[[], tuple[Any, Any]] | None,
        validated: Callable[[], AbstractContextManager[None]],
        write_sample: Callable[[], str] | None,
        events: Events,
    ) -> None:
        self._run, self._recipe, self._dataset = run, settings_of_run, dataset
        self._preprocessor, self._core, self._kept = preprocessor, core, kept
        self._epochs_done, self._batch, self._validated = epochs_done, batch, validated
        self._write_sample, self._events = write_sample, events
        self._head = tasks.head_of(self._recipe.task)
        self._unit = kinds.for_task(self._recipe.task).unit
        first_step = 0 if epochs_done is None else epochs_done + 1
        self._files = EventFiles(run.tensorboard, first_step, events)
        self._gradients: gradients.Gradients | None = None
        self._answers: _Answers | None = None
        # Of each what it may cost; together less than two parts of a hundred.
        self._for_gradients = Budget(0.004, start=0.25, guess=0.25)
        self._for_answers = Budget(0.007, start=0.0, guess=1.0)
        self._for_samples = Budget(0.004, start=0.25, guess=0.25)

    def begin(self) -> None:
        """Show what is known before the first step."""
        if self._epochs_done is not None:
            return
        files, spec = self._files, self._dataset.spec
        files.summary("result", settings.session_start(self._recipe, self._run.name), 0)
        metrics = list(dict.fromkeys(("loss", *self._head.METRICS)))
        files.summary("", settings.layout(metrics, self._unit), 0)
        files.verbatim("", "recipe", schema.dump(self._recipe), 0)
        module = views(self._recipe.task)
        if module and len(spec.input_shape) == 3:  # of an image
            label = functools.partial(module.labels, class_names=spec.class_names)
            examples.inputs(files, self._dataset.splits.train, label)
        files.graph("", graph.of_layers(self._preprocessor, self._core))
        files.flush()

    def epoch(self, event: EpochEnded, seconds: float, is_last: bool) -> None:
        """Show an epoch that has ended.

        Args:
            seconds: that this process has spent training.
        """
        epoch = int(event.row["epoch"])
        self._show_scalars(event, epoch)
        asked = self._recipe.training.histograms
        if self._batch and (self._for_gradients.allows(seconds) or asked):
            with self._for_gradients.spent():
                self._show_gradients(epoch)
        with self._validated():
            self._show_pictures(epoch)
            if self._write_sample and (self._for_samples.allows(seconds) or is_last):
                with self._for_samples.spent():
                    self._files.verbatim("train", "sample", self._write_sample(), epoch)
            if self._for_answers.allows(seconds) and not is_last:
                with self._for_answers.spent():
                    self._show_validation(epoch)
        self._files.flush()

    def completed(
        self,
        predictor: Any,
        measured: dict[str, Any],
        answers: np.ndarray,
        drawn: Iterable[tuple[str, Path]],
        *,
        epochs: int,
        seconds: float,
    ) -> None:
        """Show the model that was saved, on the test split and the validation split.

        Args:
            predictor: the saved model.
            drawn: a tag and the file of each plot of them.
        """
        files, splits, step = self._files, self._dataset.splits, epochs
        task, metadata = self._recipe.task, predictor.metadata
        for tag, path in drawn:
            files.picture("test", tag, path.read_bytes(), step)
        test = Shown("test", task, metadata, splits.test, answers)
        self._show_answers(test, step)
        if not self._recipe.training.refit:  # the saved model was trained on it
            validation = some(splits.validation, _NUM_VALIDATED)
            answers = evaluate.predict(predictor, validation)
            shown = Shown("validation", task, metadata, validation, answers)
            self._draw(shown, step)
            self._show_answers(shown, step)
        model = predictor.model
        core, preprocessor = model.get_layer("core"), model.get_layer("preprocessor")
        attention.show(files, core, preprocessor, test, step)
        files.guarded(lambda: projector.write(files.folder, core, preprocessor, test))
        for name, value in measured.items():
            if isinstance(value, float):
                files.scalar("result", f"test/{name}", value, step)
        files.scalar("result", "training_minutes", seconds / 60, step)
        files.summary("result", settings.session_end(), step)

    def close(self) -> None:
        """End the event files."""
        self._files.close()

    def _show_scalars(self, event: EpochEnded, epoch: int) -> None:
        files = self._files
        for name, value in event.row.items():
            if name == "learning_rate":
                files.scalar("train", "training/learning_rate", value, epoch)
            elif name != "epoch":
                place: Place = "validation" if name.startswith("val_") else "train"
                files.scalar(place, name.removeprefix("val_"), value, epoch)
        speed = event.examples_per_second
        files.scalar("train", f"speed/{self._unit}_per_second", speed, epoch)
        files.scalar("train", "speed/epoch_seconds", event.seconds, epoch)
        for name, gigabytes in _memory().items():
            files.scalar("train", f"memory/{name}", gigabytes, epoch)
        if event.is_best:
            for name in dict.fromkeys(("loss", *self._head.METRICS)):
                files.scalar("result", f"best/{name}", event.row[f"val_{name}"], epoch)

    def _show_gradients(self, epoch: int) -> None:
        if self._gradients is None and self._batch:
            self._gradients = gradients.Gradients(self._core, self._batch())
        if self._gradients is None:
            return
        files, found = self._files, self._gradients.by_weight()
        files.scalar("train", "training/gradient_norm", gradients.norm(found), epoch)
        if not self._recipe.training.histograms:
            return
        weights = self._core.trainable_variables
        for variable, (name, gradient) in zip(weights, found.items(), strict=True):
            files.histogram("train", f"weights/{name}", variable.numpy(), epoch)
            files.histogram("train", f"gradients/{name}", gradient, epoch)

    def _show_pictures(self, epoch: int) -> None:
        """Show what the model makes of the same noise after each epoch."""
        draw = evaluation.of(self._recipe.task).draw_progress
        if not draw:
            return
        validation = self._dataset.splits.validation
        raw, _ = validation.gather(np.arange(min(_NUM_PROGRESS, len(validation))))
        answers = np.asarray(self._kept(self._preprocessor(raw), training=False))
        try:
            for tag, path in draw(answers, epoch, self._run.plots):
                self._files.picture("validation", tag, path.read_bytes(), epoch)
        except OSError as error:
            message = f"a plot cannot be written ({error.strerror}); training goes on."
            self._events(Warned(message))

    def _show_validation(self, epoch: int) -> None:
        """Show what the model of the moment answers to the validation split."""
        if evaluation.of(self._recipe.task).draw_progress:
            return  # see `_show_pictures`
        if self._answers is None:
            split = some(self._dataset.splits.validation, _NUM_VALIDATED)
            self._answers = _Answers(self._recipe, self._preprocessor, self._kept, split)
        task, answers, split = self._recipe.task, self._answers.now(), self._answers.split
        decided = evaluation.decided(task, answers, split.targets[split.rows])
        metadata = {**self._dataset.spec.answered(), **decided}
        shown = Shown("validation", task, metadata, split, answers)
        self._draw(shown, epoch)
        self._show_answers(shown, epoch)

    def _show_answers(self, shown: Shown, step: int) -> None:
        module = views(shown.task)
        if module and module.show:
            module.show(self._files, shown, step)
        examples.show(self._files, shown, step)

    def _draw(self, shown: Shown, step: int) -> None:
        """Show the plots of a task, which are kept of the test split only."""
        module = evaluation.of(shown.task)

        def draw() -> None:
            with tempfile.TemporaryDirectory() as folder:
                for tag, path in module.draw(
                    shown.measured,
                    shown.answers,
                    shown.targets,
                    shown.metadata,
                    Path(folder),
                    shown.split.name,
                ):
                    self._files.picture(shown.place, tag, path.read_bytes(), step)

        self._files.guarded(draw)


class _Answers:
    """What the model of the moment answers to the same examples.

    Args:
        settings_of_run: the recipe.
        kept: whose weights change.
    """

    def __init__(
        self,
        settings_of_run: schema.Recipe,
        preprocessor: keras.Model,
        kept: keras.Model,
        split: data.Split,
    ) -> None:
        self.split = split
        self._task = settings_of_run.task
        numbers = preprocessing.numbers(settings_of_run, split, preprocessor)
        self._given = numbers or split
        self._batch_size = settings_of_run.training.batch_size
        model = kept if numbers else tasks.end_to_end(preprocessor, kept)
        self._call = tf.function(
            lambda given: model(given, training=False), input_signature=[input_spec(model)]
        )

    def now(self) -> np.ndarray:
        """As `dlcli.evaluation.kept` keeps them, (num_examples, ...)."""
        found = []
        for start in range(0, len(self._given), self._batch_size):
            end = min(start + self._batch_size, len(self._given))
            given, targets = self._given.gather(np.arange(start, end))
            given = self._given.affines.examples(given)
            answers = self.split.affines.answers(np.asarray(self._call(given)))
            found.append(evaluation.kept(self._task, answers, targets))
        return np.concatenate(found)


def _memory() -> dict[str, float]:
    """Gigabytes that this process holds now, and the most of the first accelerator.

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
