"""The keys of recipes for shell completion, kept in the cache folder of the user.

Building the schema takes 0.2 s, which is too long for a press of the Tab key.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dlcli import __version__, catalog, files
from dlcli.errors import DlcliError, RecipeError
from dlcli.recipe import overrides

# Options of other programs, by the name of the key.
_OF_OTHER_TOOLS = {
    "epoch": "epochs",
    "lr": "learning_rate",
    "bs": "batch_size",
    "batch": "batch_size",
    "wd": "weight_decay",
}


@dataclass(frozen=True)
class KnownKey:
    """One key of the recipes of one task and one model family.

    Args:
        values: what to offer for it: all values where they can be counted, else the default.
        description: what it is for, on one line.
    """

    task: str
    family: str
    name: str
    values: tuple[str, ...]
    description: str


def known_keys() -> list[KnownKey]:
    """Every key of every family."""
    stamp = _stamp()
    # Without a home, or with nothing kept yet.
    with suppress(DlcliError, OSError, ValueError):
        first, *lines = _kept().read_text(encoding="utf-8").splitlines()
        if first == stamp:
            return [_parse(line) for line in lines]
    keys = _build()
    # A home that cannot be written only makes completion slower.
    with suppress(DlcliError, OSError):
        _kept().parent.mkdir(parents=True, exist_ok=True)
        files.write_text(_kept(), "\n".join([stamp, *map(_line, keys)]))
    return keys


def _kept() -> Path:
    return files.cache_folder() / "completion.tsv"


def as_override(option: str, argv: Sequence[str]) -> str:
    """Suggest the override to type in place of an option that is a key of recipes.

    Args:
        argv: the command line, with the option's value behind it or behind "=".

    Returns:
        A sentence, or "" where no key has that name.
    """
    wanted = option.lstrip("-").replace("-", "_").lower()
    wanted = _OF_OTHER_TOOLS.get(wanted, wanted)
    names = dict.fromkeys(key.name for key in known_keys())
    found = [name for name in names if wanted in (name, name.rpartition(".")[2])]
    if not found:
        return ""
    following = [value for typed, value in itertools.pairwise(argv) if typed == option]
    given = [word.partition("=")[2] for word in argv if word.startswith(f"{option}=")]
    value = next(iter([*following, *given]), "") or "VALUE"
    written = " or ".join(_typed(name, value) for name in found)
    return f"It is a key of the recipe, which is written without dashes: {written}"


def _typed(key: str, value: str) -> str:
    """An override for the shell: a value that is no YAML of a value is text."""
    from dlcli.recipe import yaml_source

    try:
        is_value = not isinstance(yaml_source.read(value, "").value, dict | None)
    except RecipeError:
        is_value = False
    return shlex.quote(f"{key}={value}") if is_value else overrides.typed(key, value)


def _stamp() -> str:
    """Changes with everything that the keys are made from."""
    changed = max(path.stat().st_mtime_ns for path in _sources())
    return " ".join((__version__, str(changed), *catalog.built_in_sources()))


def _sources() -> Iterator[Path]:
    """The modules that declare the keys of recipes."""
    for folder in ("kinds", "models", "outputs", "recipe"):
        yield from Path(catalog.__file__).with_name(folder).rglob("*.py")


def _line(key: KnownKey) -> str:
    return "\t".join((key.task, key.family, key.name, " ".join(key.values), key.description))


def _parse(line: str) -> KnownKey:
    task, family, name, values, description = line.split("\t")
    return KnownKey(task, family, name, tuple(values.split()), description)


def _build() -> list[KnownKey]:
    from dlcli import kinds
    from dlcli.recipe import schema

    keys = []
    for task in kinds.tasks():
        families = schema.families_for(task)
        choices = {
            "task": tuple(kinds.tasks()),
            "data.source": tuple(catalog.built_in_sources()),
            "model.family": tuple(families),
        }
        for family in families:
            for key in schema.described_keys(task, family):
                default = (key.default or "").replace(" ", "")
                values = choices.get(key.name) or key.values or (default,)
                keys.append(KnownKey(task, family, key.name, values, _brief(key.description)))
    return keys


def _brief(description: str) -> str:
    """The first statement of a description: a shell has one line for it."""
    return re.split(r"[.;] | \(|, or ", description.rstrip("."))[0]
