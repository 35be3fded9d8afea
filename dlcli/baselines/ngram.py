"""N-grams of characters: what followed the last few of them in the train part.

Probabilities of all orders are interpolated as Witten and Bell, 1991, do (method C): a context
that was followed by many different characters trusts the next shorter one more.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_MAX_TRAIN = 4_000_000  # characters, the nearest to the test part: a few seconds an order


def answers(
    train: np.ndarray, test: np.ndarray, num_tokens: int, num_contexts: int
) -> Iterator[np.ndarray]:
    """Answer for every character of a text, with longer and longer contexts.

    Args:
        train: uint16 (num_train,) tokens; 0 is none of them.
        test: uint16 (num_test,), likewise.
        num_contexts: characters of the longest context.

    Yields:
        For contexts of 0, 1, ... characters, float64 (num_test, 2): the probability of each
        test character after those before it, and 1 where it is what followed its longest
        known context most often, else 0.
    """
    train = train[-_MAX_TRAIN:]
    # What stands before the first character of either part is nothing to learn from.
    gap = np.zeros(num_contexts, np.int64)
    ids = np.concatenate([gap, train, gap, test])
    is_train = np.zeros(len(ids), bool)
    is_train[num_contexts : num_contexts + len(train)] = True
    first = len(ids) - len(test)
    contexts = np.zeros(len(ids), np.int64)  # a number for the characters before each position
    probability = np.full(len(test), 1 / (num_tokens - 1))
    right = np.zeros(len(test))
    for order in range(num_contexts + 1):
        if order:
            is_train[num_contexts + order - 1] = False
            longer = np.zeros_like(contexts)
            longer[1:] = contexts[:-1] * num_tokens + ids[:-1] + 1
            contexts = np.unique(longer, return_inverse=True)[1]
        pairs, pair_of = np.unique(contexts * num_tokens + ids, return_inverse=True)
        times = np.bincount(pair_of[is_train], minlength=len(pairs))
        context_of_pair, token_of_pair = np.divmod(pairs, num_tokens)
        seen = np.bincount(contexts[is_train], minlength=contexts.max() + 1)
        kinds = np.bincount(context_of_pair[times > 0], minlength=len(seen))
        # The last of each context in this order is the commonest.
        ranked = np.lexsort((times, context_of_pair))
        commonest = np.zeros(len(seen), np.int64)
        commonest[context_of_pair[ranked]] = token_of_pair[ranked]

        here = contexts[first:]
        known = seen[here] > 0
        total = np.maximum(seen[here] + kinds[here], 1)
        mixed = (times[pair_of[first:]] + kinds[here] * probability) / total
        probability = np.where(known, mixed, probability)
        right = np.where(known, commonest[here] == test, right)
        yield np.stack([probability, right], axis=-1)
