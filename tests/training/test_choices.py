"""What `auto` becomes on which device, and that reduced precision is tried before it is used."""

import keras
import numpy as np
import pytest

from dlcli import data, events, preprocessing, tasks
from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.training import choices, run
from dlcli.training.choices import Device

TINY = ("training.epochs=1", "model.filters=[2]", "model.dense_units=[4]", "model.dropout=0.2")
PLAIN_CPU = Device(("avx2", "avx512f"))
BFLOAT16_CPU = Device(("avx512_bf16", "avx512f"))
AMX_CPU = Device(("amx_bf16", "amx_tile"))


def network(kind):
    if kind == "dense":
        inputs = keras.Input((8,))
        return keras.Model(inputs, keras.layers.Dense(2)(inputs))
    if kind == "convolutional":
        inputs = keras.Input((8, 8, 1))
        return keras.Model(inputs, keras.layers.Conv2D(2, 3)(inputs))
    if kind == "separable":
        inputs = keras.Input((8, 8, 1))
        return keras.Model(inputs, keras.layers.SeparableConv2D(2, 3)(inputs))
    inputs = keras.Input((8, 1))
    x = keras.layers.Conv1D(2, 3)(inputs)
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[kind]
    return keras.Model(inputs, layer(2)(x))


@pytest.mark.parametrize(
    ("kind", "device", "precision", "compilation"),
    [
        ("convolutional", PLAIN_CPU, "float32", "none"),
        ("convolutional", BFLOAT16_CPU, "mixed_bfloat16", "none"),
        ("convolutional", AMX_CPU, "mixed_bfloat16", "none"),
        ("separable", BFLOAT16_CPU, "mixed_bfloat16", "none"),
        ("dense", BFLOAT16_CPU, "float32", "none"),
        ("lstm", PLAIN_CPU, "float32", "none"),
        ("lstm", BFLOAT16_CPU, "mixed_bfloat16", "none"),
        ("gru", BFLOAT16_CPU, "float32", "none"),
        ("convolutional", Device(compute_capability=(9, 0)), "mixed_bfloat16", "xla"),
        ("dense", Device(compute_capability=(7, 5)), "mixed_float16", "xla"),
        ("dense", Device(compute_capability=(6, 1)), "float32", "xla"),
        ("lstm", Device(compute_capability=(9, 0)), "float32", "none"),
    ],
)
def test_the_network_and_the_features_of_the_device_decide(kind, device, precision, compilation):
    core = network(kind)
    assert choices.precision(core, device).value == precision
    assert choices.compilation(core, device).value == compilation
    assert choices.precision(core, device).reason


def load(*overrides):
    loaded = schema.load("digits-cnn", [*TINY, *overrides])
    return loaded, data.load(loaded)


def test_auto_becomes_what_is_written_into_the_recipe():
    loaded, dataset = load("training.precision=auto", "training.compile=auto")
    told = []
    resolved, _ = choices.resolve(loaded, dataset, told.append, BFLOAT16_CPU)
    assert resolved.training.precision == "mixed_bfloat16"
    assert resolved.training.compile == "none"
    assert [type(each) for each in told] == [events.Chosen, events.Chosen]
    assert [each.key for each in told] == ["training.compile", "training.precision"]
    assert told[1].reason.startswith("convolutions on a CPU with avx512_bf16; gradients of 32 ")
    plain, _ = choices.resolve(loaded, dataset, told.append, PLAIN_CPU)
    assert plain.training.precision == "float32"


def test_what_the_recipe_decides_stays_without_a_word():
    loaded, dataset = load("training.precision=mixed_bfloat16", "training.compile=xla")
    told = []
    assert choices.resolve(loaded, dataset, told.append, PLAIN_CPU)[0] == loaded
    assert told == []


def test_a_network_that_overflows_is_trained_in_float32():
    loaded, dataset = load("training.precision=mixed_float16")
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)
    core = tasks.build_core(loaded, preprocessor, dataset.spec, "float32")
    asked = events.Chosen("training.precision", "mixed_float16", "as the recipe says")
    usual = choices._tried(asked, loaded, dataset, preprocessor, core)
    assert usual.value == "mixed_float16"
    core.set_weights([1e5 * np.ones_like(weights) for weights in core.get_weights()])
    found = choices._tried(asked, loaded, dataset, preprocessor, core)
    assert found.value == "float32"
    assert found.reason == "mixed_float16 was tried on 32 examples: its answers are not finite"


def test_gradients_that_are_far_off_are_a_warning_and_the_run_is_in_float32(tmp_path, monkeypatch):
    monkeypatch.setattr(choices, "_TOLERANCE", 1e-4)
    loaded, _ = load("training.precision=mixed_bfloat16")
    warnings = []

    def report(event):
        if isinstance(event, events.Warned):
            warnings.append(event.message)

    result = run.train(loaded, "digits", tmp_path, events=report, stop=lambda: False)
    assert len(warnings) == 1
    assert warnings[0].startswith(
        "training.precision is float32, as mixed_bfloat16 was tried on 32 examples: its "
    )
    assert "precision: float32" in result.run.recipe.read_text()


def test_a_choice_of_what_is_the_default_gives_the_same_run(tmp_path, monkeypatch):
    monkeypatch.setattr(choices, "_this_device", lambda: PLAIN_CPU)
    histories = []
    for value in ("auto", "float32"):
        loaded, _ = load(f"training.precision={value}")
        trained = run.train(
            loaded, "digits", tmp_path, name=value, events=lambda event: None, stop=lambda: False
        )
        histories.append(trained.run.history.read_bytes())
    assert histories[0] == histories[1]


@pytest.mark.parametrize("name", ["diabetes", "iris"])
def test_tables_are_tried_too(name):
    task = "table-regression" if name == "diabetes" else "table-classification"
    overrides = [f"data.source={name}", f"task={task}", "training.precision=mixed_bfloat16"]
    loaded = schema.load("table-mlp", overrides)
    told = []
    resolved, _ = choices.resolve(loaded, data.load(loaded), told.append, PLAIN_CPU)
    assert (resolved.training.precision, told) == ("mixed_bfloat16", [])


def test_texts_and_networks_with_steps_of_their_own_are_tried_too(tmp_path):
    rows = "".join(f"it was {word} {n},{word}\n" for n in range(30) for word in ("good", "bad"))
    (tmp_path / "reviews.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    told = []
    for name, *overrides in (
        ("text-mean", f"data.source={tmp_path}/reviews.csv"),
        ("digits-gan", "model.filters=[8, 4]"),
    ):
        loaded = schema.load(name, [*overrides, "training.precision=mixed_bfloat16"])
        resolved, _ = choices.resolve(loaded, data.load(loaded), told.append, PLAIN_CPU)
        assert resolved.training.precision == "mixed_bfloat16"
    assert told == []
    loaded = schema.load("digits-gan", ["model.filters=[8, 4]", "training.precision=auto"])
    resolved, _ = choices.resolve(loaded, data.load(loaded), told.append, BFLOAT16_CPU)
    assert resolved.training.precision == "float32"


@pytest.mark.slow
def test_steps_that_xla_compiles_learn_the_same_and_go_on_to_the_same_end(tmp_path):
    def train(name, compiled, stop=lambda: False, events=lambda event: None):
        loaded, _ = load(f"training.compile={compiled}", "training.epochs=2", "model.dropout=0")
        return run.train(loaded, "digits", tmp_path, name=name, events=events, stop=stop).run

    whole, plain = train("whole", "xla"), train("plain", "none")
    steps = []
    stopped = train(
        "stopped",
        "xla",
        stop=lambda: max(steps) >= 5,
        events=lambda event: steps.append(getattr(event, "step", 0)),
    )
    run.resume(stopped, events=lambda event: None, stop=lambda: False)
    compared = comparison.compare(whole, stopped)
    assert {each.what: each.differences for each in compared if each.differences} == {}
    losses = [float(each.history.read_text().splitlines()[2].split(",")[2])
              for each in (whole, plain)]  # fmt: skip
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize(
    ("class_names", "flip"), [(("left", "right"), False), (("cat", "dog"), True)]
)
def test_images_are_mirrored_unless_class_names_mirror_each_other(class_names, flip):
    loaded, _ = load("augmentation.horizontal_flip=auto")
    told = []
    resolved = choices._with_flip(loaded.augmentation, class_names, told.append)
    assert resolved.horizontal_flip is flip
    assert [(each.key, each.value) for each in told] == (
        [] if flip else [("augmentation.horizontal_flip", "false")]
    )
    given, _ = load("augmentation.horizontal_flip=true")
    assert choices._with_flip(given.augmentation, class_names, told.append) is given.augmentation
