"""Names of the recipes, model families and built-in datasets.

Names come from the directory listing. Nothing is imported, so that `--help`,
`recipes list` and shell completion stay fast.
"""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


def recipe_folder() -> Path:
    """The shipped recipes: inside an installed package, or beside it in a checkout."""
    packaged = _PACKAGE / "recipes"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "recipes"


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    return sorted(path.stem for path in recipe_folder().glob("*.yaml"))


def recipe_description(name: str) -> str:
    """The first comment line of a shipped recipe, without the command that follows it."""
    with (recipe_folder() / f"{name}.yaml").open(encoding="utf-8") as file:
        first = file.readline()
    return first.removeprefix("#").strip().partition("  ")[0] if first.startswith("#") else ""


def module_names(folder: str) -> list[str]:
    """Names of the modules in a folder of the package, such as "data/builtin", sorted."""
    files = (_PACKAGE / folder).glob("*.py")
    return sorted(path.stem for path in files if not path.stem.startswith("_"))


def family_names() -> list[str]:
    """Names of the model families, sorted."""
    return module_names("models")


def family(name: str) -> Any:
    """The module of a model family: a `dlcli.recipe.protocols.Family`."""
    return importlib.import_module(f"dlcli.models.{name}")


def layer_names() -> list[str]:
    """Names of the files of our own Keras layers, sorted."""
    return module_names("layers")


def built_in_sources() -> list[str]:
    """Names of the data sets that need no file of the user's, sorted."""
    return module_names("data/builtin")


def similar(name: str, candidates: list[str]) -> str:
    """The candidate that was probably meant, or ""; capitals make no difference."""
    lowered = {candidate.lower(): candidate for candidate in reversed(candidates)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else ""


def did_you_mean(name: str, candidates: list[str]) -> str:
    """A question that names the nearest candidate, with a leading space, or ""."""
    close = similar(name, candidates)
    return f" Did you mean '{close}'?" if close else ""
