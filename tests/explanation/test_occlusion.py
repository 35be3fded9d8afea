"""What is covered, and how much the score falls."""

import numpy as np

from dlcli.explanation import occlusion


def test_windows_cover_every_step():
    assert occlusion.windows(10, 4) == [(0, 4), (2, 6), (4, 8), (6, 10)]
    assert occlusion.windows(3, 8) == [(0, 3)]
    assert occlusion.windows(3, 1) == [(0, 1), (1, 2), (2, 3)]
    for length in range(1, 30):
        for size in range(1, 12):
            covered = {
                step for window in occlusion.windows(length, size) for step in range(*window)
            }
            assert covered == set(range(length))


def test_an_effect_is_what_the_score_falls_by():
    example = np.array([[1.0, 2.0, 4.0]])
    variants = [np.where(np.arange(3) == place, 0, example) for place in range(3)] * 30
    score, effects = occlusion.effects(
        lambda raw: raw.sum(axis=1, keepdims=True), lambda answers: answers[:, 0], example, variants
    )
    assert score == 7
    assert effects.tolist() == [1, 2, 4] * 30
