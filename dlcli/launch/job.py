"""What a job trains: the command that every worker runs, and names made from it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from dlcli.errors import UsageError, WorkerLostError

RESTART = WorkerLostError.exit_code
_LABEL_LENGTH = 63


@dataclass(frozen=True)
class Job:
    """One training on several workers.

    Args:
        recipe: as it was given, or None where a run goes on that is there.
        arguments: overrides and options of `dlcli train` besides those that name recipe and run.
        num_workers: processes that train together, each with the devices of its own.
    """

    run: str
    recipe: str | None
    arguments: tuple[str, ...]
    num_workers: int

    def train_arguments(self, recipe: str | None = None) -> list[str]:
        """Arguments of `dlcli` that start the training, and restart it.

        Args:
            recipe: in place of the job's own, where the same file has another path.
        """
        if self.recipe is None:
            return ["train", "--resume", self.run, *self.arguments]
        return [
            *("train", recipe or self.recipe, *self.arguments),
            *("--name", self.run, "--go-on"),
        ]

    def train_command(self) -> str:
        """The same as a line for a shell."""
        return shlex.join(["dlcli", *self.train_arguments()])


def dns_label(name: str, longest: int = _LABEL_LENGTH) -> str:
    """A name that Kubernetes takes: lower-case letters, digits and '-', a letter first (RFC 1035).

    Args:
        longest: characters; less than 63 where something is added behind.
    """
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not label or not label[0].isalpha():
        label = f"run-{label}"
    return label[:longest].strip("-")


def size(text: str, option: str) -> str:
    """A number of bytes as a number and one of K, M, G, T, powers of 1024: "32G" of "32 GiB".

    Raises:
        UsageError: it is none.
    """
    match = re.fullmatch(r"([1-9]\d*)\s*([KMGT])(i?B)?i?", text, re.ASCII | re.IGNORECASE)
    if not match:
        raise UsageError(f"{option} is {text!r}.", "Expected a size such as 512M, 32G or 1T.")
    return match[1] + match[2].upper()
