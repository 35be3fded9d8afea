"""Descriptor of a kind of data: what it is called, where it comes from, how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcli.errors import UsageError
from dlcli.outputs import Output


@dataclass(frozen=True)
class Kind:
    """A kind of data that goes into a model.

    Whatever depends on it is one file of its name in a package: `dlcli.preprocessing.table` makes
    numbers of tables. `protocols.py` in each package says what such a file contains.

    Args:
        name: of the descriptor's file, such as "image".
        tasks: each task on this kind, with what it outputs.
        unit: what examples are called, such as "images".
        source: module of `dlcli.data` that reads a path.
        source_description: what such a path may be.
        built_in_kind: the kind whose built-in datasets are used; this one where "".
        stored_name: the name in the metadata of artifacts, where it is another one.
        keys_of_0_1: keys of `data:` that dlcli 0.1 did not have, with what it did.
        input_metadata: entries that the `input` of a model's metadata has besides those of all.
        examples_depend: whether neighbouring examples overlap or follow each other, so that they
            are no independent draws.
        example_is_a_file: whether each example is a file of its own, whatever lists it.
        inputs: what there may be to predict: "files", "texts", and in requests to a server "rows"
            and "values".
        takes_image_files: whether a SavedModel takes encoded images too.
        largest_batch: inputs that are predicted together at most.
        largest_batch_in_tensorflow: the same where TensorFlow predicts, if it is another number.
        refusals: why a command cannot be used on this kind, and what to do instead, by "predict",
            "explain" and "request".
    """

    name: str
    tasks: Mapping[str, Output]
    unit: str
    example_recipe: str
    source: str
    source_description: str
    built_in_kind: str = ""
    stored_name: str = ""
    keys_of_0_1: Mapping[str, Any] = field(default_factory=dict)
    input_metadata: tuple[str, ...] = ()
    examples_depend: bool = False
    example_is_a_file: bool = False
    inputs: tuple[str, ...] = ("files",)
    takes_image_files: bool = False
    largest_batch: int = 256
    largest_batch_in_tensorflow: int = 0
    refusals: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A frozen dataclass takes its own defaults this way.
        for key in ("built_in_kind", "stored_name"):
            object.__setattr__(self, key, getattr(self, key) or self.name)

    def check(self, command: str) -> None:
        """See that a command can be used on this kind.

        Raises:
            UsageError: it is among `refusals`.
        """
        if command in self.refusals:
            raise UsageError(*self.refusals[command])
