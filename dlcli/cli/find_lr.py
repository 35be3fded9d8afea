"""dlcli find-lr."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli import options, recipe_arguments
from dlcli.cli.screens import output
from dlcli.errors import UsageError

if TYPE_CHECKING:
    from dlcli.tuning.learning_rate_range import RangeTest

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli find-lr digits-cnn
dlcli find-lr image-cnn --data photos/ training.optimizer=sgd training.momentum=0.9
dlcli find-lr mine.yaml --highest 1 --steps 400 --plot rates.png
""")
_COLUMNS, _ROWS = 61, 10  # of the chart


@app.command("find-lr", epilog=EXAMPLES)
def find_lr(
    recipe_and_overrides: options.RecipeAndOverrides,
    data: options.Data = None,
    lowest: Annotated[float, typer.Option(help="The first learning rate.")] = 1e-6,
    highest: Annotated[float, typer.Option(help="The last learning rate.")] = 10.0,
    steps: Annotated[
        int, typer.Option(min=20, help="Learning rates that are tried, one a step.")
    ] = 200,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="PNG to draw into. Default: RECIPE-learning-rates.png in the current folder.",
        ),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Find a learning rate: a few hundred steps at rising rates, and where the loss falls.

    The learning-rate range test (Smith, 2017): the recipe is trained from
    its start, but the rate grows by a constant factor from step to step,
    until the loss is twice what it was at the start. Suggested is the
    geometric mean of two rates: the one at which the smoothed loss fell
    fastest, and a tenth of the one at which it was lowest. It is a start
    for a search, not its end. No run is left.
    """
    from dlcli.events import Decoded, Stage
    from dlcli.recipe import schema

    if not 0 < lowest < highest:
        raise UsageError(
            f"--lowest is {lowest:g} and --highest {highest:g}. Expected positive rates, the "
            "second one higher."
        )
    name, overrides = recipe_arguments.one_recipe(recipe_and_overrides, data)
    loaded = schema.load(name, overrides)
    path = plot or Path(f"{schema.find(name).stem}-learning-rates.png")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent} for --plot.")
    _check_writable(path)

    with output.status(quiet or json) as show:
        show(Stage("starting TensorFlow"))
        from dlcli.evaluation import plots
        from dlcli.tuning import learning_rate_range

        found = learning_rate_range.find(
            loaded,
            lowest=lowest,
            highest=highest,
            num_rates=steps,
            events=lambda event: show(
                Stage("decoding images") if isinstance(event, Decoded) else event
            ),
        )
        unwritten = None
        try:
            plots.learning_rates(found.rates, found.losses, found.smoothed, found.suggestion, path)
        except OSError as error:
            unwritten = _unwritable(path, error)  # once the suggestion is printed
    if json:
        output.print_json("find-lr", _as_json(found, None if unwritten else path))
    else:
        _render(found, None if unwritten else path)
    if unwritten and json:  # stdout has its one document
        output.print_warning(unwritten.message)
        raise typer.Exit(unwritten.exit_code)
    if unwritten:
        raise unwritten


def _check_writable(path: Path) -> None:
    """See that the plot can be written, before the sweep."""
    if path.is_dir():
        raise UsageError(
            f"--plot names a folder: {path}.", f"Name a file in it: {path / 'rates.png'}"
        )
    from dlcli import files

    try:
        if path.exists():
            path.open("ab").close()
        else:
            files.check_writable(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the plot {path} cannot be written: {error.strerror or error}.",
        "Name another file: --plot FILE",
    )


def _render(found: RangeTest, path: Path | None) -> None:
    screen = output.console()
    screen.print(_chart(found), markup=False)
    end = (
        f"the loss doubled, or was not finite, at {found.diverged_at:.1e}"
        if found.diverged_at
        else f"the last one, {found.rates[-1]:.1e}, was reached"
    )
    rates = f"\n{len(found.rates)} learning rates from {found.rates[0]:.1e}; {end}."
    output.print_line(screen, rates)
    output.print_line(
        screen,
        f"The smoothed loss fell fastest at {found.steepest:.1e} and was lowest at "
        f"{found.at_lowest_loss:.1e}.",
    )
    if path:
        output.print_line(screen, f"Plot: {path}")
    if found.suggestion is None:
        screen.print(
            "\n[yellow]No suggestion:[/yellow] the loss fell at no learning rate. Try more --steps "
            "or a higher --highest."
        )
        return
    screen.print(
        "\nSuggested, the geometric mean of the first and a tenth of the second:\n"
        f"  [bold]training.learning_rate={found.suggestion:.1e}[/bold]"
    )


def _chart(found: RangeTest) -> str:
    """The smoothed loss over the learning rate in characters; "|" stands at the suggestion."""
    import numpy as np

    decades = np.log10(found.rates)
    places = np.linspace(decades[0], decades[-1], _COLUMNS)
    losses = np.interp(places, decades, found.smoothed)
    low, high = float(losses.min()), float(losses.max())
    heights = np.round((losses - low) / ((high - low) or 1.0) * (_ROWS - 1)).astype(int)
    grid = np.full((_ROWS, _COLUMNS), " ")
    if found.suggestion:
        grid[:, np.abs(places - np.log10(found.suggestion)).argmin()] = "|"
    grid[_ROWS - 1 - heights, np.arange(_COLUMNS)] = "*"
    labels = [f"{high:8.3g}", *[" " * 8] * (_ROWS - 2), f"{low:8.3g}"]
    lines = [f"{label} {''.join(row)}".rstrip() for label, row in zip(labels, grid, strict=True)]
    left, right = f"{found.rates[0]:.0e}", f"{found.rates[-1]:.0e}"
    axis = left + "learning rate".center(_COLUMNS - len(left) - len(right)) + right
    return "\n".join(["    loss", *lines, " " * 9 + axis])


def _as_json(found: RangeTest, path: Path | None) -> dict[str, Any]:
    return {
        "suggestion": found.suggestion,
        "override": found.suggestion and f"training.learning_rate={found.suggestion:.1e}",
        "steepest": found.steepest,
        "at_lowest_loss": found.at_lowest_loss,
        "diverged_at": found.diverged_at,
        "plot": path and str(path),
        "rates": found.rates.tolist(),
        "losses": found.losses.tolist(),
        "smoothed": found.smoothed.tolist(),
    }
