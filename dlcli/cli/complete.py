"""Shell completion: names of recipes and runs, keys of recipes and their values."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import typer

from dlcli import catalog
from dlcli.errors import DlcliError

Candidate = tuple[str, str]  # what is inserted, and what is shown beside it


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """`latest` and the runs in the runs folder, newest first, but those given already."""
    from dlcli.runs import run_dir

    names = [run.name for run in run_dir.all_runs(_runs_folder(ctx))]
    offered = ["latest", *names] if names else []
    given = _given(ctx)
    return [name for name in offered if name.startswith(incomplete) and name not in given]


def recipes(incomplete: str) -> list[Candidate]:
    """The shipped recipes, and the YAML files in the current folder."""
    shipped = [(name, catalog.recipe_description(name)) for name in catalog.recipe_names()]
    files = [(path.name, "file") for path in sorted(Path().glob("*.y*ml"))]
    return [candidate for candidate in shipped + files if candidate[0].startswith(incomplete)]


def recipes_and_keys(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """A recipe first, then overrides: `section.key=` and, for a single key, its values."""
    key, typed = _value_being_typed(incomplete)
    if key:
        # Bash takes "=" for the end of a word: there the value alone is completed.
        prefix = f"{key}=" if incomplete.startswith(f"{key}=") else ""
        values = _keys(ctx).get(key, ((), ""))[0]
        return [(prefix + value, "") for value in values if value.startswith(typed)]
    no_recipe_yet = not ctx.params.get("resume") and all("=" in each for each in _given(ctx))
    return (no_recipe_yet and recipes(incomplete)) or list(_matching_keys(ctx, incomplete))


def several_recipes_and_keys(ctx: typer.Context, incomplete: str) -> list[Candidate]:
    """Like `recipes_and_keys`, where there may be more than one recipe."""
    return list(dict.fromkeys([*recipes(incomplete), *recipes_and_keys(ctx, incomplete)]))


def _matching_keys(ctx: typer.Context, incomplete: str) -> Iterator[Candidate]:
    keys = {name: key for name, key in _keys(ctx).items() if name.startswith(incomplete)}
    for name, (values, description) in keys.items():
        yield f"{name}=", description
        # A shell adds a space to what can only be one thing: offer its values as well.
        if len(keys) == 1:
            yield from ((f"{name}={value}", "") for value in values)


def _keys(ctx: typer.Context) -> dict[str, tuple[tuple[str, ...], str]]:
    """Values and description of each key of the recipe that is given, or of any recipe."""
    from dlcli.cli import known_keys

    keys = known_keys.known_keys()
    task, family = _task_and_family(ctx)
    # A name that is no task's or no family's says nothing.
    keys = [key for key in keys if key.task == task] or keys
    keys = [key for key in keys if key.family == family] or keys
    return {key.name: (key.values, key.description) for key in keys}


def _task_and_family(ctx: typer.Context) -> tuple[str, str]:
    """What the recipe that is given is for, found without reading it as YAML."""
    given = _given(ctx)
    text = "".join(f"{argument.replace('=', ': ')}\n" for argument in given if "=" in argument)
    with suppress(OSError, ValueError, DlcliError):  # no recipe: its keys cannot be told
        text += _recipe_file(ctx, given).read_text(encoding="utf-8")
    task = re.search(r"^task: *[\"']?([\w-]+)", text, re.MULTILINE)
    family = re.search(r"\bfamily: *[\"']?([\w-]+)", text)
    return task[1] if task else "", family[1] if family else ""


def _recipe_file(ctx: typer.Context, given: list[str]) -> Path:
    if resume := ctx.params.get("resume"):
        from dlcli.runs import run_dir

        return run_dir.find(resume, _runs_folder(ctx)).recipe
    name = next((argument for argument in given if "=" not in argument), "")
    shipped = catalog.recipe_folder() / f"{name}.yaml"
    return shipped if shipped.is_file() else Path(name)


def _runs_folder(ctx: typer.Context) -> Path:
    from dlcli.runs import run_dir

    option = ctx.params.get("runs_dir")
    return run_dir.runs_folder(Path(option) if option else None)


def _given(ctx: typer.Context) -> list[str]:
    """The arguments before the one that is typed."""
    lists = (value for value in ctx.params.values() if isinstance(value, list | tuple))
    arguments: list[str] = []
    after_equals = False
    for word in (word for words in lists for word in words):
        # Bash hands key=value over as three words.
        if arguments and (after_equals or word == "="):
            arguments[-1] += word
        else:
            arguments.append(word)
        after_equals = word == "="
    return arguments


def _value_being_typed(incomplete: str) -> tuple[str, str]:
    """The key and what there is of its value, or two "" when a key or a name is typed."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    position = int(os.environ.get("COMP_CWORD") or 0)
    if 1 < position < len(words):
        if words[position] == "=":
            return words[position - 1], ""
        if words[position - 1] == "=":
            return words[position - 2], words[position]
    key, equals, typed = incomplete.partition("=")
    return (key, typed) if equals else ("", "")
