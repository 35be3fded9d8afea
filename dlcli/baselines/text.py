"""Of texts: the majority class, and logistic regression on the words and pairs of words."""

from __future__ import annotations

import numpy as np

from dlcli import outputs
from dlcli.baselines import Numbers, Predictions, constant, protocols
from dlcli.data import DataSet
from dlcli.inputs.text import Splitter
from dlcli.outputs import Output
from dlcli.preprocessing.text import rules
from dlcli.recipe.sections.text import Preprocessing

_MAX_FEATURES = 200_000  # the most frequent; more cost minutes and change little
_INVERSE_PENALTY = 10.0  # scikit-learn's 1.0 is a point of accuracy worse on short texts


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset, output)
    splitter = Splitter(rules(options))
    train, test = dataset.splits.train, dataset.splits.test
    models: protocols.SimpleModels = outputs.module("baselines", output)
    yield (
        f"TF-IDF with {models.LINEAR}",
        tf_idf(
            [splitter.tokens(text) for text in train.inputs[train.rows]],
            train.targets[train.rows],
            [splitter.tokens(text) for text in test.inputs[test.rows]],
            len(dataset.spec.class_names),
            models,
        ),
    )


def tf_idf(
    train_tokens: list[list[str]],
    train_targets: np.ndarray,
    tokens: list[list[str]],
    num_classes: int,
    models: protocols.SimpleModels,
) -> np.ndarray:
    """Fit a linear model to the weights of tokens and of pairs of neighbours.

    Args:
        train_tokens: of each text of the train split.
        train_targets: (num_train, ...).
        tokens: of each text to predict for.
        num_classes: 0 of numbers.

    Returns:
        Predictions, (num_texts, ...).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(train_tokens):
        one = models.constant(train_targets, num_classes)
        return np.tile(one, (len(tokens), *[1] * np.ndim(one)))
    vectorizer = TfidfVectorizer(
        preprocessor=_as_it_is,
        tokenizer=_as_it_is,
        token_pattern=None,
        ngram_range=(1, 2),
        sublinear_tf=True,
        max_features=_MAX_FEATURES,
    )
    features = vectorizer.fit_transform(train_tokens)
    unseen = vectorizer.transform(tokens)
    return models.linear(features, train_targets, unseen, num_classes, _INVERSE_PENALTY)


def _as_it_is(tokens: list[str]) -> list[str]:
    return tokens
