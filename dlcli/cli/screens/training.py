"""What `dlcli train` shows while it trains: bars and a table on a terminal, lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from dlcli.cli.interrupts import Interrupts
from dlcli.cli.screens import output
from dlcli.errors import Interrupted
from dlcli.events import (
    Chosen,
    Decoded,
    EpochEnded,
    Event,
    Stage,
    Started,
    StepsDone,
    StepsOver,
    Warned,
)
from dlcli.metric_names import figure
from dlcli.runs.run_dir import RunDir

_SAVING_SHARE_SHOWN = 0.01
_ECHO_WIDTH = len("^C") + 1  # and the cursor
_CELL_WIDTH = 8  # at least
_GAP = "  "
_BEST = "best"


class TrainingScreen:
    """Renders the events of a training on stderr.

    Args:
        interrupts: signals are caught while steps are taken.
    """

    def __init__(self, interrupts: Interrupts, quiet: bool) -> None:
        self._interrupts = interrupts
        self._quiet = quiet
        self._screen = output.error_console()
        self._started: Started | None = None
        self._epoch_seconds: list[float] = []
        self._best = ""
        self._columns: tuple[str, ...] = ()
        self._stage = ""
        self._said_stopping = False
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:,}/{task.total:,}"),
            TextColumn("{task.fields[note]}"),
            console=self._screen,
            expand=True,
        )
        self._live = Live(
            _Bars(self._progress), console=self._screen, refresh_per_second=8, transient=True
        )
        self._bars: dict[str, TaskID] = {}

    @property
    def _animated(self) -> bool:
        return output.is_animated() and not self._quiet

    def __enter__(self) -> TrainingScreen:
        if self._animated:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self._interrupts.release()
        if self._animated:
            self._live.stop()
        if kind is KeyboardInterrupt and self._started and self._interrupts.signal_number:
            path = self._started.path
            raise Interrupted(
                f"stopped after the last epoch; what was learned is in {path}.",
                f"Save and evaluate the model: dlcli train --resume {RunDir(path).reference()}",
                self._interrupts.signal_number,
            ) from None

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Warned):
            output.print_warning(event.message)
        elif isinstance(event, Stage):
            if self._started:
                self._interrupts.raise_at_once()
            self._show_stage(event.text, event.done, event.total)
        elif isinstance(event, Decoded):
            self._show_stage("decoding images", event.done, event.total)
        elif isinstance(event, Chosen):
            self._show_choice(event)
        elif isinstance(event, Started):
            self._interrupts.catch()
            self._show_start(event)
        elif isinstance(event, StepsDone):
            self._show_steps(event)
        elif isinstance(event, EpochEnded):
            self._show_epoch(event)
        elif isinstance(event, StepsOver):
            self._show_cost(event)

    def _show_stage(self, text: str, done: int, total: int) -> None:
        if self._quiet:
            return
        if self._animated:
            self._bar("stage", text, done, total or 1, "" if total else "...")
        elif text != self._stage:
            output.print_line(self._screen, text)
        self._stage = text

    def _show_choice(self, event: Chosen) -> None:
        if not self._quiet:
            text = f"{event.key}={event.value}: {event.reason}"
            output.print_line(self._screen, text)

    def _show_start(self, event: Started) -> None:
        self._started = event
        output.print_bad_files(event.bad_files)
        if self._quiet:
            return
        self._remove_bar("stage")
        self._epoch_seconds, self._best, self._columns = [], "", ()
        splits = (
            f"{event.num_train:,} train, {event.num_validation:,} validation, "
            f"{event.num_test:,} test examples"
        )
        if event.is_refit:
            splits = (
                f"training.refit: trained anew on the train and validation splits together, "
                f"{event.num_train:,} examples, for {event.epochs} epochs"
            )
        output.print_line(
            self._screen,
            Text.assemble(
                (event.run, "bold"),
                f"  {event.num_parameters:,} weights, on {event.device}\n",
                splits,
            ),
        )
        if event.epoch or event.step:
            after = f"epoch {event.epoch} of {event.epochs}" if event.epoch else ""
            steps = f"step {event.step:,} of {event.steps_per_epoch:,}" if event.step else ""
            output.print_line(
                self._screen, f"going on after {' and '.join(filter(None, (after, steps)))}"
            )
        if self._animated:
            self._bar("epoch", "epoch", event.epoch, event.epochs, "")
            note = "first steps: building the graph"
            self._bar("step", "step", event.step, event.steps_per_epoch, note)

    def _show_steps(self, event: StepsDone) -> None:
        if not self._animated or not self._started:
            return
        metrics = "  ".join(f"{name} {figure(value)}" for name, value in event.logs.items())
        note = f"{event.examples_per_second:,.0f} {self._started.unit}/s  {metrics}"
        self._bar("step", "step", event.step, self._started.steps_per_epoch, note)
        if self._interrupts.signal_number and not self._said_stopping:
            self._said_stopping = True
            self._screen.print("[yellow]Stopping:[/yellow] saving a checkpoint ...")

    def _show_epoch(self, event: EpochEnded) -> None:
        if self._quiet or not self._started:
            return
        epochs, epoch = self._started.epochs, int(event.row["epoch"])
        self._epoch_seconds.append(event.seconds)
        if self._animated:
            self._show_row(event, self._started)
        else:
            self._show_line(event, self._started)
        if event.is_best:
            self._best = f"best: epoch {epoch}"
        if self._animated:
            # The first epoch builds the graph; leave it out as soon as there is another.
            measured = self._epoch_seconds[1:] or self._epoch_seconds
            left = (epochs - epoch) * sum(measured) / len(measured)
            clock = time.strftime("%-M:%S" if left < 3600 else "%-H:%M:%S", time.gmtime(left))
            self._bar("epoch", "epoch", epoch, epochs, f"{clock} left  {self._best}")

    def _show_line(self, event: EpochEnded, started: Started) -> None:
        """Show an epoch in a line that explains itself, for a file."""
        metrics = _GAP.join(f"{name} {figure(value)}" for name, value in _metrics(event).items())
        place = f"{int(event.row['epoch']):>{len(str(started.epochs))}}/{started.epochs}"
        rate = f"{event.examples_per_second:,.0f} {started.unit}/s"
        best = f"{_GAP}{_BEST}" * event.is_best
        output.print_line(self._screen, f"epoch {place}{_GAP}{metrics}{_GAP}{rate}{best}")

    def _show_row(self, event: EpochEnded, started: Started) -> None:
        """Show an epoch in the columns that fit beside each other, under their names."""
        metrics, rate = _metrics(event), f"{started.unit}/s"
        place = f"{int(event.row['epoch'])}/{started.epochs}"
        first = max(len("epoch"), 2 * len(str(started.epochs)) + 1)
        room = self._screen.width - first - len(_GAP) - len(_BEST)
        columns = _that_fit((*metrics, rate), f"val_{started.monitor}", room)
        if columns != self._columns:
            self._columns = columns
            names = (name.rjust(_width(name)) for name in columns)
            heading = _GAP.join(("epoch".rjust(first), *names))
            self._screen.print(Text(heading, style="dim"), soft_wrap=True)
        cells = (
            f"{event.examples_per_second:,.0f}".rjust(_width(name))
            if name == rate
            else _cell(metrics[name], _width(name))
            for name in columns
        )
        row = Text(_GAP.join((place.rjust(first), *cells)))
        if event.is_best:
            row.append(f"{_GAP}{_BEST}", style="green")
        self._screen.print(row, soft_wrap=True)

    def _show_cost(self, event: StepsOver) -> None:
        share = event.saving_seconds / event.seconds if event.seconds else 0.0
        if self._quiet or share <= _SAVING_SHARE_SHOWN:
            return
        output.print_line(
            self._screen,
            f"checkpoints took {100 * share:.1f} % of the training time "
            "(training.checkpoint_minutes)",
        )

    def _bar(self, key: str, description: str, done: int, total: int, note: str) -> None:
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(description, total=total, note=note)
        self._progress.update(
            self._bars[key], description=description, completed=done, total=total, note=note
        )

    def _remove_bar(self, key: str) -> None:
        if key in self._bars:
            self._progress.remove_task(self._bars.pop(key))


def _metrics(event: EpochEnded) -> dict[str, float]:
    return {
        name: value for name, value in event.row.items() if name not in {"epoch", "learning_rate"}
    }


def _that_fit(names: tuple[str, ...], monitored: str, room: int) -> tuple[str, ...]:
    """The columns that fit into a line, in their order; the most important are taken first.

    Args:
        names: of the metrics, then of the speed.
        monitored: the metric that says which epoch is the best.
        room: characters.
    """
    important = [monitored, "loss", "val_loss", names[-1]]
    chosen = set()
    for name in dict.fromkeys(name for name in (*important, *names) if name in names):
        room -= len(_GAP) + _width(name)
        if room < 0:
            break
        chosen.add(name)
    return tuple(name for name in names if name in chosen)


def _width(name: str) -> int:
    """Of the column of a metric."""
    return max(len(name), _CELL_WIDTH)


def _cell(value: float, width: int) -> str:
    """A loss or metric in a column, with fewer digits where it would not fit."""
    texts = (figure(value), *(f"{value:.{digits}g}" for digits in range(6, 0, -1)))
    return next((text for text in texts if len(text) <= width), texts[-1]).rjust(width)


class _Bars:
    """Bars that leave room beside them for ^C.

    A terminal shows it where the cursor is. In a line that is full it would begin another line,
    and Rich, which does not know of it, would leave the first bar behind.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(
            self._progress, options.update(width=max(options.max_width - _ECHO_WIDTH, 1))
        )
