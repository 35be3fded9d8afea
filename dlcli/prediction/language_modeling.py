"""Beginnings of texts, one a line: which character follows each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from dlcli import files
from dlcli.artifacts import Predictor
from dlcli.events import Events, ignore, warn
from dlcli.inputs import tables, text_lines
from dlcli.inputs.text_lines import TextLines
from dlcli.prediction.source import Batch, Part, Source, digest


def source(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Source:
    """Texts in the order given, of files one a line; an empty one has an error."""
    found = [text_lines.survey(item, *tables.encoding_for(predictor.metadata)) for item in inputs]
    warn(events, itertools.chain.from_iterable(lines.notes for lines in found))
    parts = [_part(texts)] if texts else []
    return Source(
        (*parts, *map(_part, found)),
        lambda: digest(*texts, *(files.sha256(lines.path) for lines in found)),
    )


def _part(texts: Sequence[str] | TextLines) -> Part:
    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        rest = texts.lines(first) if isinstance(texts, TextLines) else iter(texts[first:])
        found = itertools.islice(rest, stop - first)
        while batch := list(itertools.islice(found, batch_size)):
            errors = {place: "the text is empty" for place, text in enumerate(batch) if not text}
            good = [text for text in batch if text]
            yield Batch(batch, np.array(good, object) if good else None, errors)

    return Part(texts.num_lines if isinstance(texts, TextLines) else len(texts), read)
