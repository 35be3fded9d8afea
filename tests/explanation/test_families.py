"""Every family, found by its name, is explained, or refused by a sentence."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dlcli import kinds
from dlcli.errors import UsageError
from dlcli.explanation import examples, explain, sanity, table
from dlcli.explanation.subject import Subject
from dlcli.recipe import schema

# Whole series go the way of windows of them.
CASES = [
    pytest.param(task, family, marks=pytest.mark.slow if task.startswith("sequence") else ())
    for task in kinds.tasks()
    for family in schema.families_for(task)
]
EXPECTED = {
    ("image", "cnn"): ["grad-cam", "integrated-gradients"],
    ("image", "resnet"): ["grad-cam", "integrated-gradients"],
    ("text", "attention"): ["integrated-gradients", "attention"],
    ("text", "transformer"): ["integrated-gradients", "attention"],
    ("table", "mlp"): ["occlusion"],
}


@pytest.fixture(autouse=True)
def _one_draw(monkeypatch):
    monkeypatch.setattr(sanity, "DRAWS", 1)


def explained(predictor, split, methods=None, count=2):
    subject = Subject(predictor)
    if predictor.metadata["input"]["kind"] == "table":
        subject = Subject(predictor, table.typical(split.inputs, split.rows), "the train split")
    found, notes = explain.chosen(subject, "auto")
    items = list(examples.of_split(predictor, replace(split, rows=split.rows[:count])))
    return explain.explain(subject, items, methods or found), found, notes, subject


@pytest.mark.parametrize(("task", "family"), CASES)
def test_every_family_is_explained_or_refused(made, task, family, tmp_path):
    predictor, split = made(task, family)
    kind, refusals = kinds.for_task(task).name, kinds.for_task(task).refusals
    if "explain" in refusals:
        with pytest.raises(UsageError, match=re.escape(refusals["explain"][0])):
            explain.chosen(Subject(predictor), "auto")
        return
    # Of the texts the first four: the last of them is empty.
    result, methods, notes, subject = explained(predictor, split, count=4 if kind == "text" else 2)
    assert methods == EXPECTED.get((kind, family), methods)
    if kind == "image" and family in {"linear", "mlp"}:
        assert methods == ["integrated-gradients"]
        said = f"it needs convolutions, and the family '{family}' has none"
        assert notes == [f"grad-cam is left out: {said}."]
    for each in result.explanations:
        for attribution in each.attributions:
            assert np.isfinite(attribution.values).all()
            if attribution.method == "integrated-gradients":
                assert attribution.relative_gap < 0.05
                total = attribution.score - attribution.reference_score + attribution.gap
                assert attribution.values.sum() == pytest.approx(total, abs=1e-4)
            if attribution.method == "attention":
                assert attribution.values.sum() == pytest.approx(1, abs=1e-5)
    assert [check.method for check in result.checks] == methods
    path = tmp_path / "picture.png"
    explain.kind_of(subject).draw(result.explanations[0], path)
    with Image.open(path) as picture:
        assert min(picture.size) > 100


@pytest.mark.parametrize(
    ("task", "family", "overrides"),
    [
        ("text-classification", "pooled", ["embedding.size=null"]),
        ("text-classification", "pooled", ["embedding.bigram_buckets=50"]),
        ("series-forecasting", "recurrent", ["preprocessing.missing_indicator=true"]),
        ("sequence-classification", "recurrent", ["preprocessing.missing_indicator=true"]),
        ("series-forecasting", "dlinear", ["preprocessing.scaling=none"]),
        ("text-generation", "recurrent", ["preprocessing.predict=last-step", "embedding.size=4"]),
    ],
)
def test_other_ways_into_the_network(made, task, family, overrides):
    result, _, _, _ = explained(*made(task, family, *overrides), ["integrated-gradients"], 2)
    for each in result.explanations:
        (attribution,) = each.attributions
        assert attribution.relative_gap < 0.05
        assert attribution.values.shape[-1] == len(each.places.names)


@pytest.mark.parametrize(
    ("task", "family"),
    [
        ("image-classification", "linear"),
        ("text-classification", "pooled"),
        ("series-forecasting", "linear"),
        ("sequence-classification", "pooled"),
        ("table-regression", "linear"),
    ],
)
def test_occlusion_needs_no_gradients(made, task, family):
    predictor, split = made(task, family)

    class WithoutGradients:
        metadata = predictor.metadata
        predict_batch = staticmethod(predictor.predict_batch)

    result, methods, notes, subject = explained(WithoutGradients(), split, count=1)
    assert methods == ["occlusion"]
    (check,) = result.checks
    assert (check.verdict, check.rank_correlation) == ("not checked", None)
    assert "weights of an exported file" in check.reason
    assert np.isfinite(result.explanations[0].attributions[0].values).all()
    if task != "table-regression":
        assert "needs gradients" in notes[0]
    with pytest.raises(UsageError, match="attention is not offered here"):
        explain.chosen(subject, "attention")


def test_padding_gets_nothing_and_real_words_all_of_the_attention(made):
    predictor, split = made("text-classification", "attention")
    subject = Subject(predictor)
    numbers = subject.network.numbers(split.inputs[:1])
    assert (numbers[0] != 0).sum() == 4
    from dlcli.explanation.attention import Attention

    every, _ = Attention(subject.network).weights(numbers, numbers.shape[1])
    assert every[:4].sum() == pytest.approx(1, abs=1e-6)
    assert (every[4:] == 0).all()
    (points,) = subject.network.points(numbers)
    _, gradients = subject.network.gradient(numbers, points[None], 0)
    assert np.abs(gradients[0, :4]).min() > 0
    assert (gradients[0, 4:] == 0).all()


def test_attention_rollout_of_a_transformer_stays_on_real_words(made):
    predictor, split = made("text-classification", "transformer")
    subject = Subject(predictor)
    from dlcli.explanation.attention import Attention

    weights, heads = Attention(subject.network).weights(
        subject.network.numbers(split.inputs[:1]), 4
    )
    assert weights.sum() == pytest.approx(1, abs=1e-6)
    assert heads.shape == (2, 2, 4)
    # Each head shares its whole attention among the four words.
    assert heads.sum(axis=2) == pytest.approx(np.ones((2, 2)), abs=1e-6)
