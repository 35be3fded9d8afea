"""Write the pages that say what the code says: commands.md, recipe.md, part of architecture.md.

python docs/generate.py          write them
python docs/generate.py --check  show what would change, and end with exit code 1 if anything
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import inspect
import io
import os
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
# Help is as wide as the terminal and coloured as it allows: here always the same.
os.environ.update(COLUMNS="80", TERM="dumb", NO_COLOR="1")
for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TERMINAL_WIDTH"):
    os.environ.pop(name, None)

import typer  # noqa: E402

from dlcli import catalog, kinds  # noqa: E402
from dlcli.cli import app  # noqa: E402
from dlcli.recipe import keys, schema  # noqa: E402

PACKAGE = Path(catalog.__file__).parent
NOTE = "<!-- Written by docs/generate.py: change the code, then run `make docs`. -->\n"


def main(check: bool) -> int:
    """Write or compare all pages."""
    changed = False
    pages: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("commands.md", lambda before: commands_page()),
        ("recipe.md", lambda before: recipe_page()),
        ("architecture.md", with_packages),
    )
    for name, written in pages:
        path = FOLDER / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        text = written(before)
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(
                    before.splitlines(keepends=True),
                    text.splitlines(keepends=True),
                    f"docs/{name}",
                    f"docs/{name}, written anew",
                )
            )
        else:
            path.write_text(text, encoding="utf-8")
        changed |= before != text
    return int(check and changed)


def with_packages(page: str) -> str:
    """The page of the architecture with its table of packages, by their levels of imports."""
    contract = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    levels = contract["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = [
        (str(level), f"`{name}`", *_about_package(name))
        for level, names in zip(range(len(levels), 0, -1), levels, strict=True)
        for name in names.split(" | ")
    ]
    diagram = "\n".join(
        f"{level:2}  {names.replace(' | ', '   ')}"
        for level, names in zip(range(len(levels), 0, -1), levels, strict=True)
    )
    table = _table(("level", "package", "what it holds", "imports at once"), rows)
    begin, end = "<!-- packages -->\n", "<!-- /packages -->"
    return re.sub(
        f"{begin}.*?{end}",
        lambda _: f"{begin}```\n{diagram}\n```\n\n{table}{end}",
        page,
        flags=re.DOTALL,
    )


def _about_package(name: str) -> tuple[str, str]:
    """The first sentence of a package or a module, and the heaviest that it imports at once."""
    path = PACKAGE / name
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    first = path / "__init__.py" if path.is_dir() else files[0]
    docstring = ast.get_docstring(ast.parse(first.read_text(encoding="utf-8"))) or ""
    imported = {
        root
        for file in files
        for root in re.findall(
            r"^(?:from|import) (tensorflow|keras|numpy|polars)\b",
            file.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    heaviest = "TensorFlow" if {"tensorflow", "keras"} & imported else "NumPy"
    return docstring.partition("\n")[0], heaviest if imported else "light"


def commands_page() -> str:
    """The help of every command."""
    parts = [
        f"# Commands\n\n{NOTE}",
        "What `dlcli COMMAND --help` prints. `--debug` may stand anywhere in a command line.\n",
    ]
    group = typer.main.get_command(app.app)
    for path in [(), *_paths(group, ())]:
        heading = " ".join(("dlcli", *path))
        parts.append(f"{'#' * min(2 + len(path), 4)} {heading}\n\n```text\n{_help(path)}```\n")
    return "\n".join(parts)


def _data_set(name: str) -> tuple[str, str]:
    """The kind of a built-in data set, and the first sentence about it."""
    module = importlib.import_module(f"dlcli.data.builtin.{name}")
    return module.KIND, (inspect.getdoc(module) or "").partition("\n")[0]


def _paths(command: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The words that lead to each command, a group before what is in it."""
    paths = []
    for name, inner in getattr(command, "commands", {}).items():
        paths += [(*path, name), *_paths(inner, (*path, name))]
    return paths


def _help(path: tuple[str, ...]) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        app.main([*path, "--help"])
    lines = [line.rstrip() for line in shown.getvalue().splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


def recipe_page() -> str:
    """Every key of a recipe: by task where tasks differ, by family for the model."""
    parts = [
        f"# The recipe\n\n{NOTE}",
        inspect.cleandoc("""
        A recipe is a YAML file with a task and a few sections. Only `task` and `model.family` are
        required; every other key has a default. `dlcli recipes show RECIPE --resolved` writes them
        all out, `dlcli recipes validate FILE` checks a recipe, and `dlcli recipes schema` prints
        the JSON Schema by which an editor completes and checks it.

        An argument `key=value` overrides a key for one command, its value read as YAML:
        `dlcli train digits-cnn training.epochs=3 'model.filters=[16, 32]'`. A relative path in a
        recipe starts at the recipe's own folder, one on the command line at the current folder. A
        built-in data set's name is never taken for a path: write `./digits` for a folder of that
        name.

        Numbers may be written as `1e-3`, `no` is text and not false, and a key that is given twice,
        an alias or a tag is an error.
        """)
        + "\n",
        "## Shipped recipes\n",
        _table(
            ("recipe", "what it trains"),
            [(f"`{name}`", catalog.recipe_description(name)) for name in catalog.recipe_names()],
        ),
    ]
    parts += [
        "## Built-in data sets\n",
        "`data.source` or `--data` takes their names. `mnist`, `imdb` and `california_housing` are "
        "downloaded once, to where Keras keeps them (`~/.keras/datasets`; `KERAS_HOME` stands for "
        "`~/.keras`), and a file that is there already is used; the others come with what is "
        "installed.\n",
        _table(
            ("name", "kind", "what it is"),
            [(f"`{name}`", *_data_set(name)) for name in catalog.built_in_sources()],
        ),
    ]
    found = _sections()
    # What every task has comes last.
    for section, about, described in sorted(
        found, key=lambda it: len(found[it]) == len(kinds.tasks())
    ):
        tasks = found[section, about, described]
        of_tasks = "" if len(tasks) == len(kinds.tasks()) else f" of {', '.join(tasks)}"
        parts += [f"## `{section}`{of_tasks}\n", f"{about}\n", _keys_table(described)]
    parts += ["## `model`\n", "The keys of `model` are those of its family.\n"]
    for family, tasks in _families().items():
        about = inspect.getdoc(importlib.import_module(f"dlcli.models.{family}")) or ""
        of_family = [
            k for k in schema.described_keys(tasks[0], family) if k.name.startswith("model.")
        ]
        parts += [f"### `family: {family}`\n", f"{about}\n", f"Tasks: {', '.join(tasks)}.\n"]
        if of_family[1:]:  # the first is `model.family`
            parts.append(_keys_table(tuple(of_family[1:])))
    return "\n".join(parts)


def _sections() -> dict[tuple[str, str, tuple[keys.Key, ...]], list[str]]:
    """Each section but `model`, as it is, with the tasks that have it so."""
    found: dict[tuple[str, str, tuple[keys.Key, ...]], list[str]] = {}
    for task in kinds.tasks():
        family = schema.families_for(task)[0]
        described = schema.described_keys(task, family)
        for name, field in schema.recipe_type(task, family).model_fields.items():
            of_section = tuple(key for key in described if key.name.startswith(f"{name}."))
            if of_section and name != "model":
                about = inspect.getdoc(field.annotation) or ""
                found.setdefault((name, about, of_section), []).append(task)
    return found


def _families() -> dict[str, list[str]]:
    """Each model family with the tasks that it fits."""
    return {
        family: [task for task in kinds.tasks() if family in schema.families_for(task)]
        for family in catalog.family_names()
    }


def _keys_table(described: tuple[keys.Key, ...]) -> str:
    rows = [
        (f"`{key.name}`", key.expected, f"`{key.default}`", key.description) for key in described
    ]
    return _table(("key", "takes", "default", "what it is for"), rows)


def _table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
