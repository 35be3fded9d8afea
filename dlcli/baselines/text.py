"""Of texts: the majority class, and logistic regression on the words and pairs of words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np

from dlcli.baselines import constant
from dlcli.data import DataSet, Split
from dlcli.inputs.text import Splitter
from dlcli.preprocessing import text as preprocessing
from dlcli.recipe.schema import Recipe

_MAX_FEATURES = 200_000  # the most frequent; more cost minutes and change little
_INVERSE_PENALTY = 10.0  # scikit-learn's 1.0 is a point of accuracy worse on short texts


def answers(
    recipe: Recipe, dataset: DataSet, numbers: Callable[[Split], Split]
) -> Iterator[tuple[str, np.ndarray]]:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset)
    splitter = Splitter(preprocessing.rules(recipe.preprocessing))
    train, test = dataset.splits.train, dataset.splits.test
    yield (
        "TF-IDF with logistic regression",
        tf_idf(
            [splitter.tokens(text) for text in train.inputs[train.rows]],
            train.targets[train.rows],
            [splitter.tokens(text) for text in test.inputs[test.rows]],
            len(dataset.spec.class_names),
        ),
    )


def tf_idf(
    train_tokens: list[list[str]],
    train_targets: np.ndarray,
    tokens: list[list[str]],
    num_classes: int,
) -> np.ndarray:
    """Fit logistic regression to the weights of tokens and of pairs of neighbours.

    Args:
        train_tokens: of each text of the train split.
        train_targets: (num_train,) class indices.
        tokens: of each text to be answered.

    Returns:
        float64 probabilities (num_texts, num_classes).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if not any(train_tokens):
        shares = np.bincount(train_targets, minlength=num_classes) / len(train_targets)
        return np.tile(shares, (len(tokens), 1))
    vectorizer = TfidfVectorizer(
        preprocessor=_as_it_is,
        tokenizer=_as_it_is,
        token_pattern=None,
        ngram_range=(1, 2),
        sublinear_tf=True,
        max_features=_MAX_FEATURES,
    )
    features = vectorizer.fit_transform(train_tokens)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a bound
        model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=1000)
        model.fit(features, train_targets)
    probabilities = np.zeros((len(tokens), num_classes))
    probabilities[:, model.classes_] = model.predict_proba(vectorizer.transform(tokens))
    return probabilities


def _as_it_is(tokens: list[str]) -> list[str]:
    return tokens
