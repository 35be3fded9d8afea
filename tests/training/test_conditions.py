"""What decides the bits of a result is compared; what does not is not."""

import pytest

from dlcli.recipe import schema
from dlcli.training import conditions

ENVIRONMENT = {
    "dlcli": "0.1.0",
    "keras": "3.15.1",
    "device": "CPU (2 cores)",
    "cpu_features": ["avx2", "avx512f", "fma"],
    "intra_op_threads": 2,
    "variables": {},
    "data": {
        "source": "digits",
        "fingerprint": "a" * 64,
        "examples": {"train": 1294, "validation": 144, "test": 359},
        "bad_files": [],
    },
    "argv": ["dlcli"],
    "created": "2026-11-21T10:15:00+00:00",
    "git_commit": "8c6071a",
}


def changed(environment=(), *overrides):
    before = conditions.of(ENVIRONMENT, schema.load("digits-cnn"))
    after = conditions.of(
        {**ENVIRONMENT, **dict(environment)}, schema.load("digits-cnn", list(overrides))
    )
    return [str(change) for change in conditions.changes(before, after)]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"keras": "3.15.2"}, "keras: 3.15.1 -> 3.15.2"),
        ({"device": "NVIDIA H200"}, "device: CPU (2 cores) -> NVIDIA H200"),
        ({"cpu_features": ["amx_bf16", "avx2", "fma"]}, "cpu_features: avx512f -> amx_bf16"),
        ({"cpu_features": ["avx2", "fma"]}, "cpu_features: avx512f -> -"),
        ({"intra_op_threads": 4}, "intra_op_threads: 2 -> 4"),
        (
            {"variables": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
            "variables.TF_ENABLE_ONEDNN_OPTS: not set -> 0",
        ),
        (
            {"data": {**ENVIRONMENT["data"], "fingerprint": "b" * 64}},
            "data.fingerprint: aaaaaaaaaaaa -> bbbbbbbbbbbb",
        ),
    ],
)
def test_a_change_of_the_environment_is_named(environment, expected):
    assert changed(environment) == [expected]


def test_changes_of_the_recipe_are_named_by_their_keys():
    found = changed((), "model.filters=[8]", "training.gradient_clip_norm=1", "training.epochs=9")
    assert sorted(found) == [
        "model.filters: [32, 64] -> [8]",
        "training.epochs: 25 -> 9",
        "training.gradient_clip_norm: None -> 1.0",
    ]


@pytest.mark.parametrize(
    "override",
    [
        "training.checkpoint_minutes=1",
        "training.checkpoint_steps=10",
        "training.max_minutes=60",
        "data.source=/elsewhere",
    ],
)
def test_what_leaves_the_result_alone_may_change(override):
    assert changed((), override) == []


def test_time_place_and_commit_may_change():
    other = {"created": "2026-12-01T00:00:00+00:00", "argv": ["x"], "git_commit": None}
    assert changed(other) == []


def test_another_family_names_the_keys_that_came_and_went():
    before = conditions.of(ENVIRONMENT, schema.load("digits-cnn"))
    after = conditions.of(ENVIRONMENT, schema.load("digits-logistic"))
    found = {change.name: change for change in conditions.changes(before, after)}
    assert str(found["model.family"]) == "model.family: cnn -> linear"
    assert found["model.filters"].after == "not set"
