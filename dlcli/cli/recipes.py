"""dlcli recipes: the recipes that are shipped, and your own."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import complete, options, recipe_arguments
from dlcli.cli.screens import output
from dlcli.errors import RecipeError, UsageError

app = typer.Typer(name="recipes", no_args_is_help=True)

EXAMPLES_LIST = options.examples("""
dlcli recipes list
dlcli recipes list --json
""")
EXAMPLES_SHOW = options.examples("""
dlcli recipes show digits-cnn
dlcli recipes show digits-cnn --resolved
dlcli recipes show digits-cnn training.epochs=3 > my.yaml
""")
EXAMPLES_COPY = options.examples("""
dlcli recipes copy digits-cnn
dlcli recipes copy digits-cnn my.yaml
""")
EXAMPLES_VALIDATE = options.examples("""
dlcli recipes validate my.yaml
dlcli recipes validate recipes/*.yaml
dlcli recipes validate digits-cnn training.epochs=3 'model.filters=\\[16, 32]'
""")
EXAMPLES_SCHEMA = options.examples("""
dlcli recipes schema > recipe.schema.json
Editors with a YAML language server then complete and check a recipe that starts with
# yaml-language-server: $schema=recipe.schema.json
""")


@app.callback()
def recipes() -> None:
    """List, show, copy and check recipes: what is trained, on what, and how."""


@app.command("list", epilog=EXAMPLES_LIST)
def list_recipes(json: options.Json = False) -> None:
    """List the shipped recipes."""
    from dlcli import catalog

    described = {name: catalog.recipe_description(name) for name in catalog.recipe_names()}
    if json:
        listed = [{"name": name, "description": text} for name, text in described.items()]
        output.print_json("recipes-list", {"recipes": listed})
        return
    table = output.plain_table()
    table.add_column("Recipe", no_wrap=True)
    table.add_column("What it trains", overflow="fold")
    for name, text in described.items():
        table.add_row(name, text)
    output.console().print(table)
    output.print_next("dlcli recipes show digits-cnn", "dlcli train digits-cnn")


@app.command(epilog=EXAMPLES_SHOW)
def show(
    recipe_and_overrides: options.RecipeAndOverrides,
    resolved: Annotated[
        bool,
        typer.Option(
            "--resolved", help="Every key with its value, its default and what it is for."
        ),
    ] = False,
    json: options.Json = False,
) -> None:
    """Show a recipe as it is written, or with every key explained.

    With overrides, every key is shown, as the file itself does not have them.
    """
    from dlcli.recipe import schema

    name, overrides = recipe_arguments.one_recipe(recipe_and_overrides)
    if json:
        loaded = schema.load(name, overrides)
        output.print_json("recipes-show", {"name": name, "recipe": loaded.model_dump(mode="json")})
    elif resolved or overrides:
        _print_yaml(schema.dump(schema.load(name, overrides), comments=True))
    else:
        _print_yaml(schema.read(name))


@app.command(epilog=EXAMPLES_COPY)
def copy(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="A shipped recipe's name or a YAML file.",
            autocompletion=complete.recipes,
        ),
    ],
    path: Annotated[
        Path | None, typer.Argument(help="File or folder. Default: RECIPE.yaml here.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    json: options.Json = False,
) -> None:
    """Copy a recipe into a file of your own, to be changed there."""
    from dlcli.recipe import schema

    target = schema.copy(name, path or Path(), overwrite=force)
    if json:
        output.print_json("recipes-copy", {"path": str(target)})
    else:
        print(f"Copied to {target}.")
        file = shlex.quote(str(target))
        output.print_next(f"dlcli recipes validate {file}", f"dlcli train {file}")


@app.command(epilog=EXAMPLES_VALIDATE)
def validate(
    recipes_and_overrides: Annotated[
        list[str],
        typer.Argument(
            metavar="RECIPE... [KEY=VALUE]...",
            help="Shipped recipes' names or YAML files, then overrides of their keys.",
            autocompletion=complete.several_recipes_and_keys,
        ),
    ],
    json: options.Json = False,
) -> int:
    """Check recipes and tell all their problems at once; exit code 2 if there are any."""
    from dlcli.recipe import schema

    names, overrides = recipe_arguments.several_recipes(recipes_and_overrides)
    failures: dict[str, RecipeError | UsageError] = {}
    for name in names:
        try:
            schema.load(name, overrides)
        except (RecipeError, UsageError) as error:
            failures[name] = error
    if json:
        results = [
            {"name": name, "valid": name not in failures, "problems": _problems(failures.get(name))}
            for name in names
        ]
        output.print_json("recipes-validate", {"valid": not failures, "recipes": results})
        return 2 if failures else 0
    for name in names:
        if name in failures:
            output.render_error(failures[name], as_json=False)
        else:
            print(f"{name} is valid.")
    return 2 if failures else 0


@app.command(epilog=EXAMPLES_SCHEMA)
def schema() -> None:
    """Print the JSON Schema of recipes, for completion and checks in an editor."""
    import json

    from dlcli.recipe import schema

    print(json.dumps(schema.json_schema(), indent=2))


def _problems(error: RecipeError | UsageError | None) -> list[str]:
    if error is None:
        return []
    return list(error.problems) if isinstance(error, RecipeError) else [error.message]


def _print_yaml(text: str) -> None:
    """Print YAML: coloured on a terminal, byte for byte elsewhere."""
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from rich.syntax import Syntax

    highlighted = Syntax("", "yaml", theme="ansi_dark").highlight(text)
    highlighted.rstrip()
    output.console().print(highlighted, soft_wrap=True)
