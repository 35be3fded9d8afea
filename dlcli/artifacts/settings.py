"""Apply `--set` to a loaded artifact: how files are read may change, the model's meaning never."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dlcli.errors import UsageError

# Keys of `data:` that say how a file is read.
READING_KEYS = (
    "header", "encoding", "separator", "quote", "skip_lines", "missing_values", "decimal",
    "thousands", "units", "label_separator", "time", "time_format", "frequency", "bit_depth",
    "background", "on_bad_file",
)  # fmt: skip
_OVERRIDE = re.compile(rf"(?<!--set )(?<![\w.'\"])(?=['\"]?data\.(?:{'|'.join(READING_KEYS)})=)")


def as_options(sentence: str) -> str:
    """A sentence that names overrides as `train` takes them, with `--set` before each.

    How to read a file is said where it is read, and commands without a recipe take no overrides.
    """
    return _OVERRIDE.sub("--set ", sentence)


def applied(metadata: dict[str, Any], assignments: Sequence[str]) -> dict[str, Any]:
    """The metadata of an artifact with keys of its recipe that a user has set.

    Args:
        assignments: such as "data.encoding=cp1251"; the value is read as YAML.

    Returns:
        A copy: `recipe` has the values, and `set` the keys of `data:` with them.

    Raises:
        RecipeError: a key that the recipe does not have, or a value that it does not take.
        UsageError: no assignment, or a key that does not say how a file is read.
    """
    if not assignments:
        return metadata
    from dlcli.recipe import schema

    changed = schema.from_values(metadata["recipe"], "the recipe of the model", assignments)
    keys = [assignment.partition("=")[0] for assignment in assignments]
    settable = [f"data.{key}" for key in READING_KEYS if key in type(changed.data).model_fields]
    for key in keys:
        if key not in settable:
            raise UsageError(
                f"--set {key}: the model was trained with it, and keeps its meaning. "
                f"Expected one of: {', '.join(settable) or 'no key of this kind of data'}.",
                "Train anew to change it: dlcli train RECIPE KEY=VALUE",
            )
    document = changed.model_dump(mode="json")
    given = {key.partition(".")[2] for key in keys}
    values = {key: value for key, value in document["data"].items() if key in given}
    return {**metadata, "recipe": document, "set": values}
