"""The errors that a user meets, each kind with its documented exit code.

Library functions raise these; only `dlcli.cli` renders them. The message says
what was received and what was expected; the hint says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable

from dlcli import shown


class DlcliError(Exception):
    """An error whose message is meant for the user.

    Names in it may be anything, so it is one line, and escaped.

    Args:
        message: what was received and what was expected.
        listed: lines of the message that go under it.
    """

    exit_code = 1
    kind = "failed"

    def __init__(self, message: str, hint: str = "", listed: Iterable[str] = ()) -> None:
        self.message = "\n  ".join(map(shown.escaped, (message, *listed)))
        self.hint = shown.escaped(hint)
        super().__init__(self.message)


class UsageError(DlcliError):
    """The command line asks for something that does not exist or does not fit."""

    exit_code = 2
    kind = "usage"


class RecipeError(DlcliError):
    """A recipe that cannot be read, or that breaks the schema.

    Args:
        problems: the problems one by one, when the message lists several.
    """

    exit_code = 2
    kind = "invalid-recipe"

    def __init__(self, message: str, hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint, problems)
        self.problems = problems or (message,)


class DataError(DlcliError):
    """Data that is missing, unreadable or unfit for the task."""

    exit_code = 3
    kind = "bad-data"


class ArtifactError(DlcliError):
    """An artifact that cannot be trusted, or that failed its proof."""

    exit_code = 4
    kind = "artifact-rejected"


class DivergedError(DlcliError):
    """Training ended in a loss that is not finite."""

    exit_code = 5
    kind = "diverged"


class RunBusyError(DlcliError):
    """Another process is writing this run."""

    exit_code = 6
    kind = "run-busy"


class WorkerLostError(DlcliError):
    """A worker of the job is gone; all of them go on when they are started again.

    The exit code is EX_TEMPFAIL of sysexits.h, which schedulers can tell from a failure.
    """

    exit_code = 75
    kind = "worker-lost"


class Interrupted(DlcliError):
    """A signal stopped the work after its state was saved.

    Args:
        signal_number: the signal; the exit code is 128 plus it (130 for
            SIGINT, 138 for SIGUSR1, 143 for SIGTERM), as shells expect.
    """

    kind = "interrupted"

    def __init__(self, message: str, hint: str, signal_number: int) -> None:
        super().__init__(message, hint)
        self.exit_code = 128 + signal_number
