"""The flow of a training: recipe and data in, a run directory out."""

from __future__ import annotations

import csv
import errno
import io
import shlex
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

import keras
import tensorflow as tf

from dlcli import data, files, kinds, outputs, preprocessing, tasks
from dlcli.data.together import together
from dlcli.devices import distribution
from dlcli.devices.cluster import Cluster
from dlcli.devices.local import Devices
from dlcli.devices.replicas import Replicas
from dlcli.errors import DlcliError, UsageError
from dlcli.events import (
    EpochEnded,
    Event,
    Events,
    Stage,
    Started,
    StepsOver,
    Warned,
    ignore,
)
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe
from dlcli.runs import documents, run_dir, summary
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard.board import Board
from dlcli.training import (
    batch_norm_statistics,
    checkpoints,
    choices,
    conditions,
    environment,
    finish,
    fused,
    objective,
    optimizers,
    pipeline,
    samples,
    schedules,
    selection,
)
from dlcli.training.batch_norm_statistics import BatchNormStatistics
from dlcli.training.checkpoints import Checkpoint
from dlcli.training.loop import Loop, Position, position_of
from dlcli.training.profile import FINISHING, Profile

# Changes of these give an epoch other batches than those that were taken.
_DECIDE_BATCHES = ("data.", "training.batch_size", "training.seed")


@dataclass(frozen=True)
class Result:
    """How a training ended.

    Args:
        run: its directory.
        metrics: the document of `metrics.json`; None when it was stopped before its end, and on
            workers that write nothing.
        stopped: whether it was stopped before its end.
    """

    run: RunDir
    metrics: dict[str, Any] | None
    stopped: bool = False


def train(
    recipe: Recipe,
    recipe_name: str,
    runs_folder: Path,
    *,
    name: str | None = None,
    profiled: bool = False,
    devices: Devices | None = None,
    cluster: Cluster | None = None,
    events: Events,
    stop: Callable[[], bool],
) -> Result:
    """Train a recipe in a new run directory.

    Args:
        recipe: what to train.
        recipe_name: names the run.
        runs_folder: where the run directory is made.
        name: the run's name in place of `<recipe>-<time>`.
        profiled: whether to measure where the time goes, into the run's `profile.json`.
        devices: of this process; None for one, or in a cluster for all its GPUs.
        cluster: the workers, of which this process is one; worker 0 alone writes the run.
        events: told of progress.
        stop: asked between steps whether to save and return.

    Raises:
        DataError: the data is unfit; no run directory is left behind.
        DivergedError: the loss is not finite, or far above where it began.
        WorkerLostError: another worker is gone.
    """
    if name is not None and _writes(cluster):
        run_dir.check_name(runs_folder, name)
    # All that can be wrong with recipe and data shows before there is a run.
    recipe = selection.resolve(recipe, events)
    dataset = _load_data(recipe, events)
    recipe = choices.resolve_threads(recipe, dataset, events)
    with distribution.started(devices, cluster, events) as replicas:
        fitting = distribution.fit(recipe.task, recipe.training, replicas, events)
        recipe = recipe.model_copy(update={"training": fitting})
        recipe, preprocessor = choices.resolve(recipe, dataset, events)
        training = _Training(recipe, recipe_name, dataset, events, profiled, preprocessor, replicas)
        conditions.check_equal(replicas, 0, training.conditions, events)
        if not replicas.is_chief:
            return training.compute(RunDir(runs_folder / replicas.tell("")), stop)
        run = run_dir.create(
            runs_folder,
            recipe_name,
            name,
            recipe=schema.dump(recipe),
            environment=training.environment,
        )
        replicas.tell(run.name)
        with run.locked():
            return training.run(run, stop)


def resume(
    run: RunDir,
    *,
    overrides: Sequence[str] = (),
    allow_changed: bool = False,
    profiled: bool = False,
    devices: Devices | None = None,
    cluster: Cluster | None = None,
    events: Events,
    stop: Callable[[], bool],
) -> Result:
    """Go on with a training that was stopped or killed.

    Args:
        run: a completed one is left as it is.
        overrides: changes of the run's recipe, for good.
        allow_changed: go on although what decides the result is not what it was.
        profiled: whether to measure where the time goes from here on.
        devices: of this process; None for as many as the run had, or see `train`.
        cluster: see `train`.
        events: told of progress.
        stop: asked between steps whether to save and return.

    Raises:
        RunBusyError: another process is training it.
        UsageError: something changed and that is not allowed, or cannot be gone on with.
        WorkerLostError: another worker is gone.
    """
    with run.locked() if _writes(cluster) else nullcontext():
        if run.metrics.exists():
            if overrides:
                raise UsageError(
                    f"run {run.name} is completed; its recipe can no longer be changed.",
                    f"Make a new run: dlcli train {shlex.join([str(run.recipe), *overrides])}",
                )
            metrics = documents.metrics(run)
            if not (run.report.exists() and run.model_card.exists()):  # killed before its end
                events(Warned("the training ended without its report: it is written now."))
                finish.report(run, events)
            return Result(run, metrics)
        recipe = schema.load(str(run.recipe), list(overrides))
        recipe = selection.resolve(recipe, events)
        checkpoint = checkpoints.read_newest(run.checkpoints, events)
        recorded = documents.environment(run) if run.environment.exists() else {}
        recipe_name = recorded.get("recipe", run.name)
        dataset = _load_data(recipe, events)
        recipe = choices.resolve_threads(recipe, dataset, events)
        if not (devices or cluster):
            devices = _recorded_devices(recorded)
        with distribution.started(devices, cluster, events) as replicas:
            fitting = distribution.fit(recipe.task, recipe.training, replicas, events)
            recipe = recipe.model_copy(update={"training": fitting})
            if overrides:  # nothing is open in a run's own recipe
                recipe, _ = choices.resolve(recipe, dataset, events)
            chosen = position_of(checkpoint.state["chosen"]) if _is_of_refit(checkpoint) else None
            training = _Training(
                recipe, recipe_name, dataset, events, profiled, replicas=replicas, chosen=chosen
            )
            step = checkpoint.state["position"]["global_step"] if checkpoint else 0
            conditions.check_equal(replicas, step, training.conditions, events)
            if checkpoint:
                training.restore(run, checkpoint, allow_changed)
            if not replicas.is_chief:
                return training.compute(run, stop)
            if not checkpoint:
                # Nothing was learned yet: what is there now is what it begins under.
                files.write_json(run.environment, training.environment)
            if overrides:
                files.write_text(run.recipe, schema.dump(recipe))
            return training.run(run, stop)


def _is_of_refit(checkpoint: Checkpoint | None) -> TypeGuard[Checkpoint]:
    return checkpoint is not None and bool(checkpoint.state.get("chosen"))


def _writes(cluster: Cluster | None) -> bool:
    return cluster is None or cluster.index == 0


def _recorded_devices(environment: dict[str, Any]) -> Devices | None:
    """The devices of a run that one process trained, from its `environment.json`."""
    count = environment.get("devices", 1)
    if count == 1 or environment.get("workers", 1) > 1:
        return None
    return Devices(count, on_cpu=environment["device"].startswith("CPU"))


@dataclass(frozen=True)
class Steps:
    """What a training takes its steps with.

    Args:
        core: compiled, with the weights that the training begins with; where a family has
            steps of its own, the model that takes them.
        train_batches: (epoch, first_step) -> batches of that epoch from that step on.
        steps_per_epoch: steps.
        recipe: with nothing left open.
        spec: of the data.
    """

    core: keras.Model
    train_batches: Callable[[int, int], tf.data.Dataset]
    steps_per_epoch: int
    recipe: Recipe
    spec: data.DataSpec


def prepare(recipe: Recipe, events: Events) -> Steps:
    """Make all that a training needs before its first step; no run directory is made.

    Raises:
        DataError: the data is unfit.
    """
    recipe = selection.resolve(recipe, ignore)
    dataset = _load_data(recipe, events)
    recipe, preprocessor = choices.resolve(recipe, dataset, events)
    training = _Training(recipe, "", dataset, events, preprocessor=preprocessor)
    steps_per_epoch = training.loop.steps_per_epoch
    core = training.loop.core
    return Steps(core, training.train_batches, steps_per_epoch, recipe, dataset.spec)


def _load_data(recipe: Recipe, events: Events) -> data.DataSet:
    events(Stage("reading the data"))
    return data.load(
        recipe, progress=lambda done, total: events(Stage("decoding images", done, total))
    )


class _Training:
    """One training: what its stages share.

    Args:
        recipe: with nothing left open.
        recipe_name: what it is called.
        dataset: what it is trained on.
        events: told of progress.
        profiled: whether to measure where the time goes.
        preprocessor: as fitted; None to fit it.
        replicas: what takes the steps; one device where None.
        chosen: where the training ended that chose the number of epochs, for `training.refit`;
            this one then takes the train and validation splits together.
    """

    def __init__(
        self,
        recipe: Recipe,
        recipe_name: str,
        dataset: data.DataSet,
        events: Events,
        profiled: bool = False,
        preprocessor: keras.Model | None = None,
        replicas: Replicas | None = None,
        chosen: Position | None = None,
    ) -> None:
        self.replicas = replicas or Replicas()
        self.chosen = chosen
        self.recipe, self.recipe_name, self.dataset = recipe, recipe_name, dataset
        self.events = events
        self.profile = Profile(self.events) if profiled else None
        self.head = tasks.head_of(recipe.task)
        self.timing: list[dict[str, float]] = []
        self.unsaved = ""  # why the state is not on disk, where it is not
        for warning in dataset.spec.warnings if not chosen else ():
            events(Warned(warning))
        events(Stage("building the model"))
        keras.utils.set_random_seed(recipe.training.seed)
        splits, spec, training = dataset.splits, dataset.spec, recipe.training
        self.preprocessor = preprocessor or preprocessing.adapt(recipe, splits.train, spec)
        self.raw_train = splits.train
        if chosen:
            self.raw_train = together(splits.train, splits.validation)
        self.train, validation = self.raw_train, splits.validation
        self.preprocessor_of_batches: keras.Model | None = self.preprocessor
        if numbers := self._numbers(self.raw_train):
            self.train = numbers
            validation = numbers if chosen else self._numbers(splits.validation)
            self.preprocessor_of_batches = None
        validation_batches = pipeline.evaluation_batches(
            validation,
            self.preprocessor_of_batches,
            batch_size=training.batch_size,
            shares=self.replicas.shares(),
        )
        with self.replicas.scope():
            self._build(validation_batches)
        self.loop.prepare()
        self.samples = samples.of(recipe, self.preprocessor, self.core, spec)
        self.environment = self._environment()
        self.conditions = conditions.of(self.environment, recipe)

    def _build(self, validation_batches: tf.data.Dataset) -> None:
        """Build the core and what trains it."""
        recipe, splits, spec = self.recipe, self.dataset.splits, self.dataset.spec
        training, chosen = recipe.training, self.chosen
        patience = training.early_stopping_epochs
        if chosen:  # what ends with the training is shortened to it
            training = training.model_copy(update={"epochs": chosen.best_epoch})
        core = tasks.build_core(recipe, self.preprocessor, spec, training.precision)
        core = fused.fuse(core, replicated=self.replicas.num_replicas > 1)
        self.core = objective.of_core(core, recipe, self.raw_train, spec)
        trainer, self.kept = tasks.trainer(recipe, self.core, spec, training.precision)
        plateau = schedules.plateau(training)
        self.loop = Loop(
            trainer,
            self._shared_batches,
            validation_batches,
            num_train=len(self.train),
            num_validation=0 if chosen else len(splits.validation),
            batch_size=training.batch_size,
            epochs=training.epochs,
            monitor=training.monitor,
            higher_is_better=outputs.metric(training.monitor).higher_is_better,
            early_stopping_epochs=patience if isinstance(patience, int) and not chosen else None,
            max_seconds=training.max_minutes * 60 if training.max_minutes and not chosen else None,
            checkpoint_seconds=training.checkpoint_minutes * 60,
            checkpoint_steps=training.checkpoint_steps,
            plateau=plateau,
            lowerings=chosen.lowerings if chosen else (),
            averages_weights=training.ema_momentum is not None,
            compiled=training.compile == "xla",
            profile=self.profile,
            kept=self.kept,
            statistics=self._statistics(),
            replicas=self.replicas,
        )
        self.learning_rate = schedules.build(training, self.loop.steps_per_epoch, plateau)

        def new_optimizer() -> keras.optimizers.Optimizer:
            return optimizers.build(training, self.learning_rate)

        # A trainer of two networks gives each an optimizer of its own.
        num_optimizers = getattr(trainer, "num_optimizers", 1)
        trainer.compile(
            *(new_optimizer() for _ in range(num_optimizers)),
            loss=self.head.loss(spec),
            metrics=[metric(spec) for metric in self.head.METRICS.values()],
            jit_compile=False,
        )

    def _statistics(self) -> BatchNormStatistics | None:
        """What estimates the batch normalisation of what is kept; None where there is none."""
        training, layers = self.recipe.training, batch_norm_statistics.layers_of(self.kept)
        if not layers or training.batch_norm_statistics == "moving":
            return None

        def batches(num_examples: int, batch_size: int) -> tf.data.Dataset:
            return pipeline.sample_batches(
                self.train,
                self.preprocessor_of_batches,
                num_examples,
                batch_size=batch_size,
                seed=training.seed,
                shares=self.replicas.shares(),
            )

        return BatchNormStatistics(
            self.kept,
            batches,
            num_train=len(self.train),
            batch_size=training.batch_size,
            always=training.batch_norm_statistics == "estimated",
            replicas=self.replicas,
        )

    def restore(self, run: RunDir, checkpoint: Checkpoint, allow_changed: bool) -> None:
        """Take up a checkpoint.

        Raises:
            UsageError: it was made under other conditions and that is not allowed, or it
                does not fit the network.
        """
        changes = conditions.changes(checkpoint.state["conditions"], self.conditions)
        if changes and not allow_changed:
            raise UsageError(
                f"run {run.name} cannot go on to the same end, as this has changed:",
                "Undo it, or go on with what is there now by adding --allow-changed.",
                map(str, changes),
            )
        self.loop.restore(checkpoint.arrays, checkpoint.state["position"])
        if isinstance(self.learning_rate, float):  # a variable, restored to what it was then
            for optimizer in self.loop.optimizers:
                optimizer.learning_rate = self.learning_rate
        self.timing = summary.timing(run.timing)[: self._position.epoch]
        if not changes:
            return
        if any(change.name.startswith(_DECIDE_BATCHES) for change in changes):
            self.loop.restart_epoch()
        if not self.replicas.is_chief:
            return
        for change in changes:
            self.events(Warned(f"going on although this has changed: {change}"))
        document = documents.environment(run)
        document.setdefault("changes", []).append(
            {
                "step": self.loop.position.global_step,
                "created": self.environment["created"],
                "changed": [str(change) for change in changes],
            }
        )
        files.write_json(run.environment, document)

    def run(self, run: RunDir, stop: Callable[[], bool]) -> Result:
        """Train, save the model that is kept, evaluate it."""
        board = self._board(run)
        board.begin()
        self.events(self._started(run))
        seconds_before = self.loop.position.seconds

        def observe(event: Event) -> None:
            if isinstance(event, EpochEnded):
                self._write_tables(run, event)
                if not self.chosen:
                    seconds = self.loop.position.seconds - seconds_before
                    board.epoch(event, seconds, is_last=self.loop.is_over)
            self.events(event)

        if self.profile:
            self.profile.start(run.tensorboard / "train")
        ended = self.loop.run(save=lambda: self._save(run), events=observe, stop=stop)
        if ended and self._is_to_refit:
            board.close()
            self._write_profile(run)
            return self._refit().run(run, stop)
        self.replicas.part()
        if not ended:
            board.close()
            self._write_profile(run)
            if self.unsaved:
                raise DlcliError(
                    f"training was stopped, and its state could not be saved: {self.unsaved}.",
                    "Make room, and go on from the checkpoint before: "
                    f"dlcli train --resume {run.reference()}",
                )
            return Result(run, None, stopped=True)
        with self.profile.part(FINISHING) if self.profile else nullcontext():
            try:
                metrics = self._finish(run, board)
            except OSError as error:
                if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                    raise
                raise _disk_full(run, error) from None
            board.close()
        self._write_profile(run)
        return Result(run, metrics)

    def compute(self, run: RunDir, stop: Callable[[], bool]) -> Result:
        """Take the steps of a worker that writes nothing."""

        def take_part() -> None:
            self.loop.state()  # to which every worker adds its own

        self.events(self._started(run))
        ended = self.loop.run(save=take_part, events=self.events, stop=stop)
        if ended and self._is_to_refit:
            return self._refit().compute(run, stop)
        self.replicas.part()
        return Result(run, None, stopped=not ended)

    @property
    def _is_to_refit(self) -> bool:
        return self.recipe.training.refit and not self.chosen

    @property
    def _position(self) -> Position:
        """Where the training is, or ended, that chooses the epoch."""
        return self.chosen or self.loop.position

    def _refit(self) -> _Training:
        """The training that follows this one: on the validation split as well."""
        return _Training(
            self.recipe,
            self.recipe_name,
            self.dataset,
            self.events,
            preprocessor=self.preprocessor,
            replicas=self.replicas,
            chosen=self.loop.position,
        )

    def _write_profile(self, run: RunDir) -> None:
        if not self.profile:
            return
        try:
            files.write_json(run.profile, self.profile.document())
        except OSError as error:
            self.events(Warned(f"the profile cannot be written ({error.strerror})."))

    def _numbers(self, split: data.Split) -> Any:
        return preprocessing.numbers(self.recipe, split, self.preprocessor)

    def train_batches(self, epoch: int, first_step: int) -> tf.data.Dataset:
        """Whole batches, from any step on."""
        return self._batches(epoch, first_step, None)

    def _shared_batches(self, epoch: int, first_step: int) -> tf.data.Dataset:
        """The same, cut for the replicas of this process."""
        return self._batches(epoch, first_step, self.replicas.shares())

    def _batches(
        self, epoch: int, first_step: int, shares: pipeline.Shares | None
    ) -> tf.data.Dataset:
        training = self.recipe.training
        return pipeline.train_batches(
            self.train,
            self.preprocessor_of_batches,
            getattr(self.recipe, "augmentation", None),
            batch_size=training.batch_size,
            seed=training.seed,
            epoch=epoch,
            first_step=first_step,
            shares=shares,
        )

    def _save(self, run: RunDir) -> None:
        try:
            arrays, position = self.loop.state()
            state = {"position": position, "conditions": self.conditions}
            step = position["global_step"]
            if self.chosen:
                state["chosen"] = asdict(self.chosen)
                step += self.chosen.global_step
            checkpoints.write(run.checkpoints, step, arrays, state)
            self.unsaved = ""
        except OSError as error:
            self.unsaved = error.strerror or str(error)
            self.events(Warned(f"the checkpoint cannot be written ({self.unsaved})."))

    def _finish(self, run: RunDir, board: Board) -> dict[str, Any]:
        position, dataset, spec = self.loop.position, self.dataset, self.dataset.spec
        self.events(StepsOver(position.seconds, position.saving_seconds))
        # Here as well, where the disk was full at the end of the last epoch.
        _write_csv(self._history(run), position.history)
        self.events(Stage("saving the model"))
        weights = self.loop.best_weights
        finish.save(run, self.recipe, self.recipe_name, self.preprocessor, spec, weights)
        self.events(Stage("evaluating on the test split"))

        def numbers(split: data.Split) -> Any:
            return self.train if split is self.raw_train else self._numbers(split)

        sample = self.samples.text(weights) if self.samples else ""
        metrics = finish.measure(
            run,
            self.recipe,
            replace(dataset, splits=replace(dataset.splits, train=self.raw_train)),
            numbers,
            self._position,
            board,
            self.events,
            sample,
            refit_history=position.history if self.chosen else (),
        )
        self.events(Stage("writing the report"))
        finish.report(run, self.events)
        return metrics

    def _history(self, run: RunDir) -> Path:
        return run.refit if self.chosen else run.history

    def _write_tables(self, run: RunDir, event: EpochEnded) -> None:
        self.timing.append(
            {
                "epoch": event.row["epoch"],
                "seconds": round(event.seconds, 3),
                "examples_per_second": round(event.examples_per_second, 1),
                "checkpoint_seconds": round(self._saving_seconds(), 3),
            }
        )
        try:
            _write_csv(self._history(run), self.loop.position.history)
            _write_csv(run.timing, self.timing)
        except OSError as error:
            self.events(
                Warned(f"the history cannot be written ({error.strerror}); training goes on.")
            )

    def _saving_seconds(self) -> float:
        """Time spent on checkpoints since the last row of the timing."""
        counted = sum(row["checkpoint_seconds"] for row in self.timing)
        return max(self.loop.position.saving_seconds - counted, 0.0)

    def _board(self, run: RunDir) -> Board:
        # Where the trainer is another model than the core, the loss is not of the core alone.
        is_core = self.loop.core is self.core
        return Board(
            run,
            self.recipe,
            self.dataset,
            self.preprocessor,
            self.core,
            self.kept,
            epochs_done=self._position.epoch if self._position.global_step else None,
            batch=(lambda: next(iter(self.train_batches(0, 0)))) if is_core else None,
            validated=self.loop.validated_weights,
            write_sample=self.samples.text if self.samples else None,
            events=self.events,
        )

    def _started(self, run: RunDir) -> Started:
        splits = self.dataset.splits
        return Started(
            run=run.name,
            path=run.path,
            device=self._device(),
            num_parameters=self.core.count_params(),
            num_train=len(self.train),
            num_validation=0 if self.chosen else len(splits.validation),
            num_test=len(splits.test),
            epochs=self.chosen.best_epoch if self.chosen else self.recipe.training.epochs,
            epoch=self.loop.position.epoch,
            step=self.loop.position.step,
            steps_per_epoch=self.loop.steps_per_epoch,
            unit=kinds.for_task(self.recipe.task).unit,
            monitor=self.recipe.training.monitor,
            bad_files=() if self.chosen else self.dataset.spec.bad_files,
            is_refit=bool(self.chosen),
        )

    def _device(self) -> str:
        """What the steps are taken on, as a person would say it."""
        replicas = self.replicas
        device = environment.device(replicas.num_local)
        parts = "parts of a " if device.startswith("CPU") else "x "
        if replicas.num_local > 1:
            device = f"{replicas.num_local} {parts}{device}"
        workers = len(replicas.workers)
        return device if workers == 1 else f"{workers} workers, each on {device}"

    def _environment(self) -> dict[str, Any]:
        splits, spec = self.dataset.splits, self.dataset.spec
        return {
            **environment.describe(self.replicas.num_local),
            "devices": self.replicas.num_replicas,
            "workers": len(self.replicas.workers),
            "recipe": self.recipe_name,
            "task": self.recipe.task,
            "seed": self.recipe.training.seed,
            "parameters": self.core.count_params(),
            "data": {
                "source": self.recipe.data.source,
                "fingerprint": spec.fingerprint,
                "examples": {name: len(split) for name, split in vars(splits).items()},
                "bad_files": [list(item) for item in spec.bad_files],
            },
        }


def _disk_full(run: RunDir, error: OSError) -> DlcliError:
    """What to say where there is no room for what follows the last step."""
    where = f" while writing {error.filename}" if error.filename else ""
    is_saved = checkpoints.newest_step(run.checkpoints) is not None
    what = "go on from the last checkpoint" if is_saved else "train it anew"
    return DlcliError(
        f"the disk is full{where}; the model is trained, but the run is not complete.",
        f"Free some space, and {what}: dlcli train --resume {run.reference()}",
    )


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())
