"""The files that a training writes into its run: tables, checkpoints, a profile."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dlcli import files
from dlcli.events import EpochEnded, Events, Warned
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints
from dlcli.training.loop import Loop, Position
from dlcli.training.profile import Profile


class Record:
    """Writes what a training has come to; a write that fails is a warning.

    Args:
        conditions: kept with each checkpoint.
        chosen: where the training ended that chose the number of epochs, in a refit.
        timing: rows of `timing.csv` of epochs before.

    Attributes:
        unsaved: why the state is not on disk, where it is not.
    """

    def __init__(
        self,
        run: RunDir,
        loop: Loop,
        conditions: dict[str, Any],
        chosen: Position | None,
        timing: list[dict[str, float]],
        events: Events,
    ) -> None:
        self._run, self._loop, self._conditions = run, loop, conditions
        self._chosen, self._timing, self._events = chosen, timing, events
        self.unsaved = ""

    def epoch(self, event: EpochEnded) -> None:
        """Write the tables with the epoch that has ended."""
        counted = sum(row["checkpoint_seconds"] for row in self._timing)
        saving_seconds = max(self._loop.position.saving_seconds - counted, 0.0)
        self._timing.append(
            {
                "epoch": event.row["epoch"],
                "seconds": round(event.seconds, 3),
                "examples_per_second": round(event.examples_per_second, 1),
                "checkpoint_seconds": round(saving_seconds, 3),
            }
        )
        try:
            self.history()
            _write_csv(self._run.timing, self._timing)
        except OSError as error:
            what = f"the history cannot be written ({error.strerror})"
            self._events(Warned(f"{what}; training goes on."))

    def history(self) -> None:
        """Write a row for each epoch.

        Raises:
            OSError: it cannot be written.
        """
        file = self._run.refit if self._chosen else self._run.history
        _write_csv(file, self._loop.position.history)

    def save(self) -> None:
        """Write a checkpoint."""
        try:
            arrays, position = self._loop.state()
            state = {"position": position, "conditions": self._conditions}
            step = position["global_step"]
            if self._chosen:
                state["chosen"] = asdict(self._chosen)
                step += self._chosen.global_step
            checkpoints.write(self._run.checkpoints, step, arrays, state)
            self.unsaved = ""
        except OSError as error:
            self.unsaved = error.strerror or str(error)
            self._events(Warned(f"the checkpoint cannot be written ({self.unsaved})."))

    def profile(self, profile: Profile | None) -> None:
        """Write where the time went, where that was measured."""
        if not profile:
            return
        try:
            files.write_json(self._run.profile, profile.document())
        except OSError as error:
            self._events(Warned(f"the profile cannot be written ({error.strerror})."))


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())
