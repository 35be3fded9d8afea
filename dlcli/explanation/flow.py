"""From a request to explanations in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import data as sources
from dlcli.artifacts import Predictor
from dlcli.data import Split, Splits
from dlcli.errors import DataError, UsageError
from dlcli.events import Events, Stage, ignore
from dlcli.explanation import examples, explain, folder, permutation, table
from dlcli.explanation.explain import Result
from dlcli.explanation.permutation import Importances
from dlcli.explanation.subject import Subject
from dlcli.inputs.examples import Examples, joined
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe

_FEWEST_TYPICAL = 20  # rows that must be there to say what is usual


@dataclass(frozen=True)
class Request:
    """What is to be explained.

    Args:
        split: name of a split of the recipe's data, or None.
        mistakes: whether of that split only what is answered wrong, the worst first.
        data: a user's own data with targets, in place of the recipe's.
        method: the name of one, or "auto".
        name: of the class or target that is explained, or None.
        limit: inputs at most; of a permutation rows, None for as many as are usual.
    """

    inputs: Sequence[str] = ()
    texts: Sequence[str] = ()
    split: str | None = None
    mistakes: bool = False
    data: str | None = None
    method: str = "auto"
    name: str | None = None
    limit: int | None = None

    @property
    def has_inputs(self) -> bool:
        """Whether there are inputs of a user's own."""
        return bool(self.inputs or self.texts)


@dataclass(frozen=True)
class Answer:
    """What came out.

    Args:
        notes: what a user should know of methods left out, and of inputs.
        result: of inputs, without any of a permutation.
        importances: of a permutation, else None.
        folder: where the pictures are; None where nothing could be explained.
        pictures: one an explanation, None for those with an error; one of importances.
    """

    subject: Subject
    methods: Sequence[str]
    notes: Sequence[str]
    result: Result
    importances: Importances | None
    folder: Path | None
    pictures: Sequence[Path | None]


DEFAULT_LIMIT = 8


def carry_out(
    predictor: Predictor,
    origin: Path,
    request: Request,
    target: Path,
    events: Events = ignore,
) -> Answer:
    """Read what is to be explained, explain it, draw it.

    Args:
        target: the folder for the pictures, which must be new or empty.

    Raises:
        UsageError: the request does not fit the model.
        DataError: the data cannot be read.
    """
    subject = Subject(predictor)
    kind = explain.kind_of(subject)
    is_table = "columns" in subject.metadata["input"]
    if request.has_inputs and (request.split or request.mistakes or request.data):
        raise UsageError(
            "expected either inputs or a split, and got both.",
            "Leave out --split, --mistakes and --data to explain inputs of your own.",
        )
    by_permutation = request.method == "permutation" or (
        request.method == "auto"
        and is_table
        and not request.has_inputs
        and not request.split
        and not request.mistakes
    )
    if by_permutation and is_table:
        return _permuted(subject, origin, request, target, events)
    methods, notes = explain.chosen(subject, request.method)
    if not (request.has_inputs or request.split or request.mistakes or request.data):
        raise UsageError(
            "expected something to explain: inputs, --split or --mistakes.",
            "Try: dlcli explain RUN --split test --limit 4",
        )
    limit = request.limit or DEFAULT_LIMIT
    found = _items(subject, origin, request, events)
    items, is_more = examples.first(iter(found), limit)
    if is_more and request.limit is None:
        notes.append(f"the first {limit} are explained; --limit N explains more.")
    if not items:
        raise UsageError(
            "the model makes no mistake there: nothing is left to explain.",
            "Explain what it answers right: --split test, without --mistakes.",
        )
    if is_table:
        subject = _with_typical(subject, origin, items, events)
    result = explain.explain(subject, items, methods, name=request.name, events=events)
    pictures: list[Path | None] = []
    names = folder.names([each.prediction.input for each in result.explanations])
    some = any(each.explained for each in result.explanations)
    if some:
        folder.make(target)
    for place, (each, name) in enumerate(zip(result.explanations, names, strict=True), 1):
        path = target / f"{name}.png" if each.explained else None
        if path:
            kind.draw(each, path)
            folder.write_arrays(each, path.with_suffix(".npz"))
        pictures.append(path)
        events(Stage("drawing", place, len(names)))
    return Answer(subject, methods, notes, result, None, target if some else None, pictures)


def _permuted(
    subject: Subject, origin: Path, request: Request, target: Path, events: Events
) -> Answer:
    if request.has_inputs:
        raise UsageError(
            "permutation importance is of a whole data set, and inputs are given.",
            "Give a table with its target column: --data FILE; or choose --method occlusion.",
        )
    if request.mistakes or request.name is not None:
        option = "--mistakes" if request.mistakes else "--class"
        raise UsageError(
            f"permutation importance is of all rows and classes at once, and {option} is given."
        )
    split = _split(subject, origin, request, events)
    importances = permutation.measure(subject.predictor, split, limit=request.limit, events=events)
    from dlcli.explanation.drawings import columns

    folder.make(target)
    path = target / "permutation.png"
    columns.draw_importances(importances, path)
    notes = []
    if importances.num_rows < len(split):
        notes.append(
            f"{importances.num_rows:,} of {len(split):,} rows are measured, drawn at random; "
            "--limit N takes more."
        )
    return Answer(subject, ["permutation"], notes, Result(), importances, target, [path])


def _items(
    subject: Subject, origin: Path, request: Request, events: Events
) -> Iterator[examples.Item]:
    if request.has_inputs:
        return examples.of_inputs(subject.predictor, request.inputs, request.texts, events)
    split = _split(subject, origin, request, events)
    if request.mistakes:
        worst = examples.mistakes(subject.predictor, split)
        split = replace(split, rows=split.rows[worst])
    return examples.of_split(subject.predictor, split)


def _split(subject: Subject, origin: Path, request: Request, events: Events) -> Split:
    recipe = _recipe(subject, origin)
    if request.data is not None:
        split, _ = sources.load_own(recipe, request.data, subject.metadata, events)
        return split
    found: Split = getattr(_splits(recipe, events), request.split or "test")
    return found


def _splits(recipe: Recipe, events: Events) -> Splits:
    try:
        return sources.load(recipe, events).splits
    except DataError as error:
        error.hint = error.hint or "Give the data's place with --data PATH."
        raise


def _recipe(subject: Subject, origin: Path) -> Recipe:
    return schema.from_values(subject.metadata["recipe"], f"the recipe in {origin}")


def _with_typical(
    subject: Subject, origin: Path, items: Sequence[examples.Item], events: Events
) -> Subject:
    """A subject of tables that knows what is usual: in the train split, else in what is given."""
    try:
        train = _splits(_recipe(subject, origin), events).train
        return replace(
            subject, typical=table.typical(train.inputs, train.rows), typical_of="the train split"
        )
    except DataError as error:
        raws: list[Examples] = [item.raw for item in items if item.raw is not None]
        if len(raws) < _FEWEST_TYPICAL:
            raise DataError(
                "what is usual in each column comes from the train split, which cannot be read: "
                f"{error.message}",
                f"Put the data back, or explain {_FEWEST_TYPICAL} rows or more at once "
                "(--limit): then it comes from them.",
            ) from None
    together: Any = joined(raws)
    return replace(
        subject,
        typical=table.typical(together, np.arange(len(raws))),
        typical_of=f"the {len(raws)} rows given",
    )
