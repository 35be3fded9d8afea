"""Arguments that name recipes and override their keys: an override contains "="."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Sequence

from dlcli.errors import UsageError

_OF_DATA = re.compile(r"data\.\w+=")
_OF_RECIPES_TOO = (".json", ".txt")  # of files that may be recipes


def one_recipe(arguments: list[str], data: str | None = None) -> tuple[str, list[str]]:
    """The one recipe and the overrides among the arguments.

    Raises:
        UsageError: there is no recipe, or a second one.
    """
    from dlcli.inputs import table_names

    names, overrides = several_recipes(arguments)
    suffix = table_names.suffix(names[0])
    is_table = suffix in table_names.SUFFIXES and suffix not in _OF_RECIPES_TOO
    if len(names) == 1 and is_table:
        raise UsageError(
            f"'{names[0]}' is the name of a table, and no recipe.",
            f"Name a recipe too (dlcli recipes list): dlcli train RECIPE {_as_data(names[0])}",
        )
    if len(names) > 1:
        raise UsageError(
            f"'{names[1]}' is neither an override (key=value) nor the recipe ('{names[0]}').",
            _instead(names, data),
        )
    return names[0], [*overrides, *_of_data(overrides, data)]


def _instead(names: Sequence[str], data: str | None) -> str:
    """Suggest what to write where one of two arguments is not what it was meant for."""
    for name in names:
        if data is not None and os.path.lexists(f"{data} {name}"):
            return f"Quote a path with spaces: {_as_data(f'{data} {name}')}"
        if data is None and os.path.lexists(name) and not name.endswith((".yaml", ".yml")):
            return f"If it is the data, write {_as_data(name)}"
    return "Give one recipe, then overrides without spaces, such as training.epochs=3."


def _as_data(path: str) -> str:
    return f"--data {shlex.quote(path)}"


def several_recipes(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The recipes, at least one, and the overrides among the arguments."""
    names = [argument for argument in arguments if "=" not in argument]
    if not names:
        raise UsageError("no recipe is given.", "List them: dlcli recipes list")
    return names, [argument for argument in arguments if "=" in argument]


def overrides_only(arguments: list[str], data: str | None = None) -> list[str]:
    """The overrides, where the recipe is that of a run."""
    for argument in arguments:
        if "=" not in argument:
            raise UsageError(
                f"'{argument}' is no override (key=value), and --resume takes no recipe: "
                "the run has its own.",
                "Go on with the run as it is: dlcli train --resume RUN",
            )
    return [*arguments, *_of_data(arguments, data)]


def as_setting(arguments: Sequence[str]) -> str:
    """How overrides are written where they say how a file is read, or "" without any.

    Args:
        arguments: as they were typed, such as "data.encoding=cp1251", which names no file.
    """
    given = [each for each in arguments if _OF_DATA.match(each) and not os.path.lexists(each)]
    if not given:
        return ""
    return f"Write it as {' '.join(f'--set {shlex.quote(each)}' for each in given)}"


def assignments(settings: list[str]) -> list[str]:
    """The overrides that `--set` gives."""
    for setting in settings:
        if "=" not in setting:
            raise UsageError(
                f"--set {setting} is no key=value. Expected such as --set data.encoding=cp1251."
            )
    return settings


def _of_data(overrides: list[str], data: str | None) -> list[str]:
    if data is None:
        return []
    if any(override.startswith("data.source=") for override in overrides):
        raise UsageError("both --data and data.source= are given.", "Give one of them.")
    # Quoted, so that a path is never read as YAML.
    return [f"data.source={json.dumps(data, ensure_ascii=False)}"]
