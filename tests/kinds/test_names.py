"""The names of kinds and outputs are compared nowhere but in `dlcli/kinds` and `dlcli/outputs`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dlcli
from dlcli import kinds, outputs

PACKAGE = Path(dlcli.__file__).parent
NAMES = {
    *kinds.all_kinds(),
    *(kind.stored_name for kind in kinds.all_kinds().values()),
    *outputs.all_outputs(),
    *kinds.tasks(),
}
# Comparisons with a word that means something else there.
OTHER_MEANINGS = {
    ("inputs/dialects.py", "text"): "the type of a cell",
    ("recipe/problems.py", "text"): "the type of a key",
    ("serving/app.py", "text"): "a field of a form",
}


def test_no_name_is_compared() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in {"kinds", "outputs"}
        for line, name in sorted(compared(ast.parse(path.read_text(encoding="utf-8"))))
        if (str(path.relative_to(PACKAGE)), name) not in OTHER_MEANINGS
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "kind == 'image'",
        "'regression' != output.name",
        "kind in {'series', 'sequence'}",
        "task not in ('text-classification',)",
        "task.endswith('-classification')",
        "{'image': 32, 'table': 8192}[kind]",
        "match kind:\n    case 'image' | 'text':\n        pass",
    ],
)
def test_a_comparison_is_found(code: str) -> None:
    assert list(compared(ast.parse(code)))


@pytest.mark.parametrize("code", ["'text' in form", "{'text': shown}", "name == 'label'"])
def test_another_use_of_a_word_is_not(code: str) -> None:
    assert not list(compared(ast.parse(code)))


def compared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that code compares with, or dispatches on, each with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for operator, value in zip(node.ops, node.comparators, strict=True):
                sides = [value] if isinstance(operator, ast.In | ast.NotIn) else [node.left, value]
                for side in sides:
                    yield from _names(side)
        elif isinstance(node, ast.Dict):
            names = [name for key in node.keys if key for name in _names(key)]
            if len(names) > 1:  # one alone is the key of a document
                yield from names
        elif isinstance(node, ast.MatchValue):
            yield from _names(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in {"startswith", "endswith", "removeprefix", "removesuffix"}:
                continue
            for text in (text for argument in node.args for text in _strings(argument)):
                tasks = kinds.tasks()
                if any(task.startswith(text) or task.endswith(text) for task in tasks if text[3:]):
                    yield node.lineno, text


def _names(node: ast.AST) -> Iterator[tuple[int, str]]:
    for text in _strings(node):
        if text in NAMES:
            yield node.lineno, text  # type: ignore[attr-defined]


def _strings(node: ast.AST) -> Iterator[str]:
    """The string constants of a value, or of the items of a set, a tuple or a list."""
    items = node.elts if isinstance(node, ast.Set | ast.Tuple | ast.List) else [node]
    for item in items:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value
