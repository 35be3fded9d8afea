"""dlcli autotune."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import options, recipe_arguments
from dlcli.cli.screens import output

if TYPE_CHECKING:
    from dlcli.tuning.autotune import Measured

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli autotune mnist-cnn
dlcli autotune image-cnn --data photos/ --seconds 10
dlcli train mnist-cnn training.precision=auto training.compile=auto training.intra_op_threads=auto
""")


@app.command(epilog=EXAMPLES)
def autotune(
    recipe_and_overrides: options.RecipeAndOverrides,
    data: options.Data = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="Seconds of steps for each setting.")
    ] = 5.0,
    once: Annotated[
        bool, typer.Option("--once", help="Measure the recipe as it is, and keep nothing.")
    ] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure precision, compilation and threads for a recipe on this machine.

    These three change the bits of a result, so no training tries them out
    by itself. Each is measured for some seconds beside the best before it,
    and taken if it is at least 5 % faster. What is found is kept in the
    user's cache folder, for this network, shape of examples, batch size and
    device; a recipe with training.precision=auto, training.compile=auto or
    training.intra_op_threads=auto takes it from there. Speed is measured, not
    what it does to the result: look at the validation figures as well.
    """
    from dlcli.events import Event, Stage, ignore
    from dlcli.recipe import schema

    name, overrides = recipe_arguments.one_recipe(recipe_and_overrides, data)
    loaded = schema.load(name, overrides)
    with output.status(quiet or json) as show:
        show(Stage("starting TensorFlow"))
        from dlcli.tuning import autotune, speed

        if once:
            found_speed, work = speed.measure(loaded, seconds, ignore)
        else:
            show(Stage("measuring"))

            def report(event: Event) -> None:
                if isinstance(event, autotune.Measured) and not (quiet or json):
                    output.print_line(output.error_console(), _described(event))

            found, chosen, path = autotune.tune(loaded, seconds, report)
    if once:
        if json:
            precision = work.pop("precision")
            document = {"examples_per_second": found_speed, "precision": precision, "work": work}
            output.print_json("autotune", document)
        else:
            output.console().print(f"{found_speed:,.0f} examples/s")
        return
    overrides = [f"training.{key}={_yaml(value)}" for key, value in chosen.settings.items()]
    if json:
        settings = [
            {
                **each.settings,
                "examples_per_second": each.examples_per_second,
                "error": each.failure,
            }
            for each in found
        ]
        document = {"measured": settings, "chosen": chosen.settings, "overrides": overrides}
        output.print_json("autotune", {**document, "path": str(path)})
        return
    _render(found, chosen)
    screen = output.console()
    output.print_line(screen, f"\nKept in {path}")
    screen.print("A recipe takes it where it says auto; or give it what is chosen:")
    screen.print(f"  {' '.join(overrides)}", soft_wrap=True, markup=False, style="bold")


def _render(found: list[Measured], chosen: Measured) -> None:
    table = output.ruled_table()
    for heading in ("Precision", "Compilation", "Threads"):
        table.add_column(heading)
    table.add_column("Examples/s", justify="right")
    table.add_column("Ratio", justify="right")
    table.add_column("", overflow="fold")
    for each in found:
        speed, first = each.examples_per_second, found[0].examples_per_second
        table.add_row(
            each.settings["precision"],
            each.settings["compile"],
            str(each.settings["intra_op_threads"] or "all"),
            "-" if each.failure else f"{speed:,.0f}",
            "-" if each.failure else f"{speed / first:.2f}",
            "chosen" if each is chosen else each.failure,
        )
    output.console().print(table)


def _described(measured: Measured) -> str:
    settings = ", ".join(f"{key} {_yaml(value)}" for key, value in measured.settings.items())
    return f"{settings}: {measured.failure or f'{measured.examples_per_second:,.0f} examples/s'}"


def _yaml(value: object) -> str:
    return "null" if value is None else str(value)
