"""Simple ways to make pictures, each nearer to the real ones than the one before."""

import numpy as np

from dlcli import baselines, data, frechet
from dlcli.recipe import schema


def test_baselines_of_pictures_come_nearer_one_by_one_and_repeat():
    loaded = schema.load("digits-gan", ["preprocessing.image_size=[8, 8]"])
    dataset = data.load(loaded)
    test = dataset.splits.test
    real = frechet.moments(frechet.features(test.targets[test.rows]))
    answers = dict(baselines.answers(loaded, dataset, lambda split: split))
    assert list(answers) == ["mean picture", "pixel model", "principal component model"]
    distances = []
    for pictures in answers.values():
        assert pictures.shape == (len(test), 8, 8, 1)
        assert pictures.min() >= 0
        assert pictures.max() <= 255
        distances.append(frechet.distance(real, frechet.moments(frechet.features(pictures))))
    assert distances == sorted(distances, reverse=True)
    assert (answers["mean picture"] == answers["mean picture"][0]).all()
    again = dict(baselines.answers(loaded, dataset, lambda split: split))
    assert all(np.array_equal(answers[name], again[name]) for name in answers)
