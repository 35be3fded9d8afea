"""Sizes and times, for the commands; see `dlcli.quantities`."""

from dlcli.quantities import age, duration, file_size

__all__ = ["age", "duration", "file_size"]
