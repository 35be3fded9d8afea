"""Shell completion: names of recipes and runs, keys of recipes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dlcli import __version__, catalog


def runs(incomplete: str) -> list[str]:
    """Runs in the runs folder, and `latest`."""
    from dlcli import run_dir

    names = ["latest", *(run.name for run in run_dir.all_runs(run_dir.runs_folder(None)))]
    return [name for name in names if name.startswith(incomplete)]


def recipes(incomplete: str) -> list[str]:
    """Names of the shipped recipes."""
    return [name for name in catalog.recipe_names() if name.startswith(incomplete)]


def recipes_and_keys(incomplete: str) -> Iterator[tuple[str, str] | str]:
    """Names of recipes, and `section.key=` of overrides with their descriptions."""
    yield from recipes(incomplete)
    for key, description in _keys():
        if key.startswith(incomplete):
            yield f"{key}=", description


def _keys() -> list[tuple[str, str]]:
    """Every dotted key; kept in the cache folder, as building the schema takes 0.1 s."""
    sources = [*Path(catalog.__file__).parent.glob("models/*.py"), Path(catalog.__file__).with_name("recipe.py")]
    stamp = f"{__version__} {max(path.stat().st_mtime_ns for path in sources)}"
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dlcli"
    kept = folder / "completion.txt"
    try:
        first, *lines = kept.read_text(encoding="utf-8").splitlines()
        if first == stamp:
            return [(key, text) for key, _, text in (line.partition("\t") for line in lines)]
    except (OSError, ValueError):
        pass
    from dlcli import recipe, run_dir

    keys = list(recipe.dotted_keys().items())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run_dir.write_text(kept, "\n".join([stamp, *(f"{key}\t{text}" for key, text in keys)]))
    except OSError:
        pass
    return keys
