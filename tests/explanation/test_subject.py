"""What is explained: the likeliest class, the first target, or what is named."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlcli.data import Split
from dlcli.errors import UsageError
from dlcli.explanation import examples
from dlcli.explanation.attribution import Explained, Explanation
from dlcli.explanation.drawings import headings
from dlcli.explanation.subject import Subject
from dlcli.prediction import classification, forecasting, regression

FORECAST = {"horizon": 2, "targets": [{"name": "x", "std": 1.0}, {"name": "y", "std": 1.0}]}


def _subject(task: str, **metadata) -> Subject:
    document = {"task": task, "class_names": [], "target": "", **metadata}
    return Subject(SimpleNamespace(metadata=document))


def test_the_likeliest_class_unless_another_is_named():
    subject = _subject("image-classification", class_names=["cat", "dog"])
    item = classification.Prediction("n", (("dog", 0.9), ("cat", 0.1)))
    assert subject.explained(item, None) == Explained(1, "dog")
    assert subject.explained(item, "cat") == Explained(0, "cat")
    with pytest.raises(UsageError, match=r"no class or target 'cta'\. Expected one of: cat, dog"):
        subject.explained(item, "cta")
    assert subject.value(np.array([[0.1, 0.9]]), Explained(1, "dog")) == [0.9]
    assert subject.unit(Explained(1, "dog"), of_score=False) == "probability of 'dog'"


def test_the_first_target():
    number = regression.Prediction("n", 1.0)
    subject = _subject("table-regression", target="rent")
    assert subject.explained(number, None) == Explained(0, "rent")
    with pytest.raises(UsageError, match="It has none"):
        _subject("table-regression").explained(number, "x")
    assert _subject("table-regression").explained(number, None) == Explained(0, "")
    step = forecasting.Prediction("n", {"x": 1.0, "y": 2.0})
    subject = _subject("series-forecasting", forecast=FORECAST)
    assert subject.explained(step, None) == Explained(0, "x")
    assert subject.value(np.array([[[1, 2], [3, 6]]]), Explained(1, "y")) == [4]


def test_a_heading_says_what_is_explained_where_it_is_not_the_answer():
    item = classification.Prediction("a/b.png", (("dog", 0.9), ("cat", 0.1)), "cat")
    found = Explanation(item, Explained(0, "cat"), target="kind")
    assert headings.of(found) == "a/b.png\nkind: dog 90.0% (true class: cat); explained: cat"
    assert headings.of(Explanation(item, Explained(1, "dog"))).endswith("(true class: cat)")
    number = Explanation(regression.Prediction("n", 2.0), Explained(0, "rent"), target="rent")
    assert headings.of(number) == "n\nrent 2"


def test_the_mistakes_of_a_text_generator_are_not_shown():
    predictor = SimpleNamespace(metadata={"task": "text-generation", "class_names": ["a"]})
    split = Split(np.array(["a"], object), np.zeros(1), np.arange(1), ["1"])
    with pytest.raises(UsageError, match="--mistakes is for classes, numbers and forecasts, and"):
        examples.mistakes(predictor, split)
