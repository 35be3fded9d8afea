"""dlcli tensorboard."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command()
def tensorboard() -> None:
    """Show runs in TensorBoard."""
