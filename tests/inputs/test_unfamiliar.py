"""What a model has not seen in its training is counted."""

from __future__ import annotations

import numpy as np

from dlcli.inputs.columns import Column
from dlcli.inputs.unfamiliar import Unfamiliar

AGE = Column("age", "age", "number", minimum=0.0, maximum=100.0)
TOWN = Column("town", "town", "category", ("Bonn", "Rom"))


def told(columns: list[Column], *parts: dict[str, np.ndarray]) -> list[str]:
    seen, found = Unfamiliar(columns), []
    for part in parts:
        seen.add(part)
    seen.pass_on(found.append)
    return [event.message for event in found]


def rows(ages: list[float], towns: list[str]) -> dict[str, np.ndarray]:
    return {"age": np.array(ages, np.float32), "town": np.array(towns, object)}


def test_rows_like_those_of_the_training_need_no_word() -> None:
    assert not told([AGE, TOWN], rows([-20, np.nan, 150], ["Bonn", "", "Rom"]))


def test_unknown_categories_and_numbers_far_outside_are_counted_over_all_parts() -> None:
    found = told([AGE, TOWN], rows([1, 1e6], ["Ulm", "Rom"]), rows([-500, 3], ["Ulm", ""]))
    assert found == [
        "2 of 4 values of 'age' are far outside those of the training, 0 to 100, such as 1e+06.",
        "2 of 3 values of 'town' are categories that the model does not know, such as 'Ulm'; it "
        "takes them all for one.",
    ]


def test_as_many_rare_categories_as_in_the_training_need_no_word() -> None:
    town = Column("town", "town", "category", ("Bonn", "Rom"), known=0.9)
    assert not told([town], rows([], ["Ulm"] * 10 + ["Bonn"] * 90))
    assert told([town], rows([], ["Ulm"] * 40 + ["Bonn"] * 60))


def test_old_artifacts_do_not_know_their_range() -> None:
    assert not told([Column("age", "age", "number")], rows([1e9], [""]))
