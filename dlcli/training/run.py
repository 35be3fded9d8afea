"""The flow of a training: recipe and data in, a run directory out."""

from __future__ import annotations

import errno
import shlex
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

from dlcli import data, files, kinds
from dlcli.devices import distribution
from dlcli.devices.cluster import Cluster
from dlcli.devices.local import Devices
from dlcli.errors import DlcliError, UsageError
from dlcli.events import EpochEnded, Event, Events, Stage, Started, StepsOver, Warned, ignore
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe
from dlcli.runs import documents, run_dir, summary
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard.board import Board
from dlcli.training import checkpoints, choices, conditions, environment, finish, selection
from dlcli.training.checkpoints import Checkpoint
from dlcli.training.loop import Position, position_of
from dlcli.training.prepared import Prepared
from dlcli.training.profile import FINISHING, Profile
from dlcli.training.record import Record

# Changes of these give an epoch other batches than those that were taken.
_DECIDE_BATCHES = ("data.", "training.batch_size", "training.seed")


@dataclass(frozen=True)
class Result:
    """How a training ended.

    Args:
        metrics: the document of `metrics.json`; None when it was stopped before its end, and on
            workers that write nothing.
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
        name: the run's name in place of `<recipe>-<time>`.
        profiled: whether to measure where the time goes, into the run's `profile.json`.
        devices: of this process; None for one, or in a cluster for all its GPUs.
        cluster: the workers, of which this process is one; worker 0 alone writes the run.
        stop: asked between steps whether to save and return.

    Raises:
        DataError: the data is unfit; no run directory is left behind.
        DivergedError: the loss is not finite, or far above where it began.
        WorkerLostError: another worker is gone.
    """
    if name is not None and _writes(cluster):
        run_dir.check_name(runs_folder, name)
    # All that can be wrong with recipe and data shows before there is a run.
    recipe = _with_selection(recipe, events)
    dataset = _load_data(recipe, events)
    recipe = choices.resolve_threads(recipe, dataset, events)
    with distribution.started(devices, cluster, events) as replicas:
        fitting = distribution.fit(recipe.task, recipe.training, replicas, events)
        recipe = recipe.model_copy(update={"training": fitting})
        recipe, preprocessor = choices.resolve(recipe, dataset, events)
        profile = Profile(events) if profiled else None
        prepared = Prepared(
            recipe, dataset, events, preprocessor=preprocessor, replicas=replicas, profile=profile
        )
        training = _Training(prepared, recipe_name, events, profile)
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
        recipe = _with_selection(recipe, events)
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
            profile = Profile(events) if profiled else None
            prepared = Prepared(
                recipe, dataset, events, replicas=replicas, profile=profile, chosen=chosen
            )
            training = _Training(prepared, recipe_name, events, profile)
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


def prepare(recipe: Recipe, events: Events) -> Prepared:
    """Make all that a training needs before its first step; no run directory is made.

    Raises:
        DataError: the data is unfit.
    """
    recipe = _with_selection(recipe, ignore)
    dataset = _load_data(recipe, events)
    recipe, preprocessor = choices.resolve(recipe, dataset, events)
    return Prepared(recipe, dataset, events, preprocessor=preprocessor)


def _with_selection(recipe: Recipe, events: Events) -> Recipe:
    training = selection.resolve(recipe.task, recipe.training, events)
    return recipe.model_copy(update={"training": training})


def _load_data(recipe: Recipe, events: Events) -> data.DataSet:
    events(Stage("reading the data"))
    return data.load(recipe, events)


class _Training:
    """One training, from its first step or from a checkpoint on."""

    def __init__(
        self, prepared: Prepared, recipe_name: str, events: Events, profile: Profile | None = None
    ) -> None:
        self._prepared, self._recipe_name = prepared, recipe_name
        self._events, self._profile = events, profile
        self._recipe, self._loop, self._chosen = prepared.recipe, prepared.loop, prepared.chosen
        self._replicas = prepared.replicas
        self._timing: list[dict[str, float]] = []
        self.environment = environment.of_run(
            recipe_name,
            task=self._recipe.task,
            seed=self._recipe.training.seed,
            source=self._recipe.data.source,
            dataset=prepared.dataset,
            replicas=prepared.replicas,
            num_parameters=prepared.core.count_params(),
        )
        self.conditions = conditions.of(self.environment, self._recipe)

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
        loop, learning_rate = self._loop, self._prepared.learning_rate
        loop.restore(checkpoint.arrays, checkpoint.state["position"])
        if isinstance(learning_rate, float):  # a variable, restored to what it was then
            for optimizer in loop.optimizers:
                optimizer.learning_rate = learning_rate
        self._timing = summary.timing(run.timing)[: self._position.epoch]
        if not changes:
            return
        if any(change.name.startswith(_DECIDE_BATCHES) for change in changes):
            loop.restart_epoch()
        if not self._replicas.is_chief:
            return
        for change in changes:
            self._events(Warned(f"going on although this has changed: {change}"))
        document = documents.environment(run)
        document.setdefault("changes", []).append(
            {
                "step": loop.position.global_step,
                "created": self.environment["created"],
                "changed": [str(change) for change in changes],
            }
        )
        files.write_json(run.environment, document)

    def run(self, run: RunDir, stop: Callable[[], bool]) -> Result:
        """Train, save the model that is kept, evaluate it."""
        loop, profile = self._loop, self._profile
        record = Record(run, loop, self.conditions, self._chosen, self._timing, self._events)
        board = self._board(run)
        board.begin()
        self._events(self._started(run))
        seconds_before = loop.position.seconds

        def observe(event: Event) -> None:
            if isinstance(event, EpochEnded):
                record.epoch(event)
                if not self._chosen:
                    seconds = loop.position.seconds - seconds_before
                    board.epoch(event, seconds, is_last=loop.is_over)
            self._events(event)

        if profile:
            profile.start(run.tensorboard / "train")
        ended = loop.run(save=record.save, events=observe, stop=stop)
        if ended and self._is_to_refit:
            board.close()
            record.profile(profile)
            return self._refit().run(run, stop)
        self._replicas.part()
        if not ended:
            board.close()
            record.profile(profile)
            if record.unsaved:
                raise DlcliError(
                    f"training was stopped, and its state could not be saved: {record.unsaved}.",
                    "Make room, and go on from the checkpoint before: "
                    f"dlcli train --resume {run.reference()}",
                )
            return Result(run, None, stopped=True)
        with profile.part(FINISHING) if profile else nullcontext():
            try:
                metrics = self._finish(run, record, board)
            except OSError as error:
                if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                    raise
                raise _disk_full(run, error) from None
            board.close()
        record.profile(profile)
        return Result(run, metrics)

    def compute(self, run: RunDir, stop: Callable[[], bool]) -> Result:
        """Take the steps of a worker that writes nothing."""

        def take_part() -> None:
            self._loop.state()  # to which every worker adds its own

        self._events(self._started(run))
        ended = self._loop.run(save=take_part, events=self._events, stop=stop)
        if ended and self._is_to_refit:
            return self._refit().compute(run, stop)
        self._replicas.part()
        return Result(run, None, stopped=not ended)

    @property
    def _is_to_refit(self) -> bool:
        return self._recipe.training.refit and not self._chosen

    @property
    def _position(self) -> Position:
        """Where the training is, or ended, that chooses the epoch."""
        return self._chosen or self._loop.position

    def _refit(self) -> _Training:
        """The training that follows this one: on the validation split as well."""
        again = Prepared(
            self._recipe,
            self._prepared.dataset,
            self._events,
            preprocessor=self._prepared.preprocessor,
            replicas=self._replicas,
            chosen=self._loop.position,
        )
        return _Training(again, self._recipe_name, self._events)

    def _finish(self, run: RunDir, record: Record, board: Board) -> dict[str, Any]:
        position, prepared = self._loop.position, self._prepared
        dataset, weights = prepared.dataset, self._loop.best_weights
        self._events(StepsOver(position.seconds, position.saving_seconds))
        record.history()  # as well, where the disk was full at the end of the last epoch
        self._events(Stage("saving the model"))
        finish.save(
            run,
            self._recipe,
            self._recipe_name,
            prepared.preprocessor,
            dataset.spec,
            weights,
            dataset.splits.validation,
            self._events,
        )
        self._events(Stage("evaluating on the test split"))
        metrics = finish.measure(
            run,
            self._recipe,
            replace(dataset, splits=replace(dataset.splits, train=prepared.raw_train)),
            prepared.numbers,
            self._position,
            board,
            self._events,
            prepared.samples.text(weights) if prepared.samples else "",
            refit_history=position.history if self._chosen else (),
        )
        self._events(Stage("writing the report"))
        finish.report(run, self._events)
        return metrics

    def _board(self, run: RunDir) -> Board:
        prepared, position = self._prepared, self._position
        # Where the trainer is another model than the core, the loss is not of the core alone.
        is_core = self._loop.core is prepared.core
        return Board(
            run,
            self._recipe,
            prepared.dataset,
            prepared.preprocessor,
            prepared.core,
            prepared.kept,
            epochs_done=position.epoch if position.global_step else None,
            batch=(lambda: next(iter(prepared.train_batches(0, 0)))) if is_core else None,
            validated=self._loop.validated_weights,
            write_sample=prepared.samples.text if prepared.samples else None,
            events=self._events,
        )

    def _started(self, run: RunDir) -> Started:
        batches, position, chosen = self._loop.batches, self._loop.position, self._chosen
        training, dataset = self._recipe.training, self._prepared.dataset
        return Started(
            run=run.name,
            path=run.path,
            device=environment.in_words(self._replicas),
            num_parameters=self._prepared.core.count_params(),
            num_train=batches.num_train,
            num_validation=batches.num_validation,
            num_test=len(dataset.splits.test),
            epochs=chosen.best_epoch if chosen else training.epochs,
            epoch=position.epoch,
            step=position.step,
            steps_per_epoch=batches.steps_per_epoch,
            unit=kinds.for_task(self._recipe.task).unit,
            monitor=training.monitor,
            bad_files=() if chosen else dataset.spec.bad_files,
            is_refit=bool(chosen),
        )


def _disk_full(run: RunDir, error: OSError) -> DlcliError:
    """What to say where there is no room for what follows the last step."""
    where = f" while writing {error.filename}" if error.filename else ""
    is_saved = checkpoints.newest_step(run.checkpoints) is not None
    what = "go on from the last checkpoint" if is_saved else "train it anew"
    return DlcliError(
        f"the disk is full{where}; the model is trained, but the run is not complete.",
        f"Free some space, and {what}: dlcli train --resume {run.reference()}",
    )
