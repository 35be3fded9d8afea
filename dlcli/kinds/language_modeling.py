"""Running text, of which the next character is learned."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import next_token

KIND = Kind(
    "language_modeling",
    tasks={"text-generation": next_token.OUTPUT},
    unit="sequences",
    example_recipe="char-lstm",
    source="corpus_file",
    source_description="a text file, or a folder of them",
    stored_name="corpus",
    examples_depend=True,
    inputs=("files", "texts"),
    largest_batch=64,
)
