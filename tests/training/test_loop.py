"""The loop stops and goes on anywhere without changing a bit."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import events
from dlcli.data import Split
from dlcli.devices.replicas import Replicas
from dlcli.errors import DivergedError, UsageError
from dlcli.recipe.sections.image import Augmentation
from dlcli.training import pipeline
from dlcli.training.batch_norm_statistics import BatchNormStatistics
from dlcli.training.loop import Batches, Limits, Loop
from dlcli.training.schedules import Plateau

NUM_TRAIN, BATCH_SIZE, EPOCHS = 42, 8, 3  # 6 steps an epoch, the last one short


def split(count, seed):
    generator = np.random.default_rng(seed)
    raw = generator.integers(0, 256, (count, 6, 6, 1), np.uint8)
    targets = (raw.mean(axis=(1, 2, 3)) > 127).astype(np.int32)
    return Split(raw, targets, np.arange(count), [f"e{i}" for i in range(count)])


def make_loop(learning_rate=0.01, estimates=False, **options):
    """A small network with everything that has state.

    That is dropout, also of a recurrent layer, batch normalisation and a schedule.
    """
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6, 6, 1), dtype="uint8", name="image")
    preprocessor = keras.Model(inputs, keras.layers.Rescaling(1 / 255)(inputs))
    numbers = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(4, 3, use_bias=False)(numbers)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.SimpleRNN(16, activation="relu", dropout=0.1, unroll=True)(
        keras.layers.Reshape((4, 16))(x)
    )
    x = keras.layers.Dropout(0.3)(x)
    core = keras.Model(numbers, keras.layers.Dense(2, activation="softmax")(x))
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, EPOCHS * 6)
    core.compile(
        keras.optimizers.Adam(
            schedule, use_ema=options.get("averages_weights", False), ema_momentum=0.9
        ),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    train, validation = split(NUM_TRAIN, 0), split(20, 1)
    limits = {
        "epochs": EPOCHS,
        "early_stopping_epochs": None,
        "max_seconds": None,
        "checkpoint_seconds": 1e9,
        "checkpoint_steps": None,
    }
    if estimates:
        options["statistics"] = BatchNormStatistics(
            core,
            lambda num_examples, batch_size: pipeline.sample_batches(
                train, preprocessor, num_examples, batch_size=batch_size, seed=0
            ),
            num_train=NUM_TRAIN,
            batch_size=BATCH_SIZE,
            always=True,
            replicas=Replicas(),
        )
    batches = Batches(
        lambda epoch, first_step: pipeline.train_batches(
            train,
            preprocessor,
            Augmentation(shift=0.2, horizontal_flip=True),
            batch_size=BATCH_SIZE,
            seed=0,
            epoch=epoch,
            first_step=first_step,
        ),
        pipeline.evaluation_batches(validation, preprocessor, batch_size=BATCH_SIZE),
        num_train=NUM_TRAIN,
        num_validation=options.pop("num_validation", 20),
        size=BATCH_SIZE,
    )
    limits = Limits(**{name: options.pop(name, value) for name, value in limits.items()})
    loop = Loop(core, batches, limits, **{"monitor": "accuracy", **options})
    loop.prepare()
    return loop


def run(loop, stop=lambda: False, events=lambda event: None, save=lambda: None):
    return loop.run(save=save, events=events, stop=stop)


def bits(loop):
    arrays, state = loop.state()
    for timing in ("seconds", "epoch_seconds", "saving_seconds"):
        state.pop(timing)
    return {name: array.tobytes() for name, array in arrays.items()}, state


@pytest.fixture(scope="module")
def undisturbed():
    loop = make_loop()
    assert run(loop)
    return bits(loop)


def test_two_runs_are_equal_to_the_bit(undisturbed):
    loop = make_loop()
    run(loop)
    assert bits(loop) == undisturbed


def test_a_call_of_the_network_at_the_end_of_an_epoch_leaves_the_bits_alone(undisturbed):
    """Recurrent layers with dropout draw random numbers in every call."""
    loop = make_loop()

    def report(event):
        if isinstance(event, events.EpochEnded) and event.row["epoch"] == 1:
            loop.core(np.zeros((1, 6, 6, 1), np.float32))

    run(loop, events=report)
    assert bits(loop) == undisturbed


@pytest.mark.parametrize("stop_at", [1, 5, 6, 9, 17])
def test_a_run_that_is_stopped_and_goes_on_is_equal_to_the_bit(undisturbed, stop_at):
    first = make_loop()
    first._adapt_steps = lambda *_: None  # one step a call, so that it can stop at each
    assert not run(first, stop=lambda: first.position.global_step >= stop_at)
    assert first.position.global_step == stop_at
    saved = first.state()

    second = make_loop()
    second.core.set_weights([np.zeros_like(weights) for weights in second.core.get_weights()])
    second.restore(*saved)
    assert run(second)

    assert bits(second) == undisturbed


def test_a_run_that_is_stopped_in_validation_goes_on_equal_to_the_bit(undisturbed):
    first = make_loop()
    first._adapt_steps = lambda *_: None
    assert not run(first, stop=lambda: bool(first.position.train_logs))
    assert (first.position.epoch, first.position.step) == (0, 6)

    second = make_loop()
    second.restore(*first.state())
    assert run(second)

    assert bits(second) == undisturbed


def test_a_stop_in_validation_leaves_the_weights_and_not_their_average():
    whole = make_loop(averages_weights=True)
    assert run(whole)

    first = make_loop(averages_weights=True)
    first._adapt_steps = lambda *_: None
    assert not run(first, stop=lambda: bool(first.position.train_logs))
    second = make_loop(averages_weights=True)
    second.restore(*first.state())
    assert run(second)

    assert bits(second) == bits(whole)
    assert not np.array_equal(second.best_weights[0], second.core.get_weights()[0])


def test_estimated_statistics_are_validated_and_kept_and_training_is_the_same(undisturbed):
    loop, validated = make_loop(estimates=True), []

    def report(event):
        if isinstance(event, events.EpochEnded):
            with loop.validated_weights():
                validated.append(loop.core.get_weights())

    assert run(loop, events=report)
    arrays, state = bits(loop)
    own = {name: value for name, value in arrays.items() if name.startswith(("core", "opt"))}
    assert own == {name: undisturbed[0][name] for name in own}  # momentum's averages among them
    rows = state["history"]
    for row, other in zip(rows, undisturbed[1]["history"], strict=True):
        assert row["loss"] == other["loss"]
        assert row["val_loss"] != other["val_loss"]  # 18 steps are few for a momentum of 0.99
    kept = validated[state["best_epoch"] - 1]
    assert all(np.array_equal(a, b) for a, b in zip(kept, loop.best_weights, strict=True))


@pytest.mark.parametrize(
    ("moment", "averages"), [("step 9", False), ("estimating", True), ("validating", True)]
)
def test_a_run_with_estimated_statistics_goes_on_equal_to_the_bit(moment, averages):
    whole = make_loop(estimates=True, averages_weights=averages)
    assert run(whole)

    first = make_loop(estimates=True, averages_weights=averages)
    first._adapt_steps = lambda *_: None
    in_validation, asked = first.position, []

    def stop():
        if moment == "step 9":
            return in_validation.global_step >= 9
        asked.append(bool(in_validation.train_logs))
        return sum(asked) >= (1 if moment == "estimating" else 3)

    assert not run(first, stop=stop)
    second = make_loop(estimates=True, averages_weights=averages)
    second.restore(*first.state())
    assert run(second)
    assert bits(second) == bits(whole)


def test_without_validation_the_last_epoch_is_kept_and_none_is_called_the_best():
    loop, ended = make_loop(estimates=True, num_validation=0), []
    assert run(loop, events=ended.append)
    ended = [event for event in ended if isinstance(event, events.EpochEnded)]
    assert [event.is_best for event in ended] == [False] * EPOCHS
    assert [list(event.row) for event in ended] == [
        ["epoch", "learning_rate", "loss", "accuracy"]
    ] * EPOCHS
    with loop.validated_weights():
        weights = loop.core.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights, loop.best_weights, strict=True))
    assert not np.array_equal(weights[3], loop.core.get_weights()[3])  # estimated means


def test_without_validation_a_plateau_lowers_where_it_is_told():
    plateau = Plateau(epochs=2, factor=0.5, lowerings=[1])
    loop = make_loop(num_validation=0, plateau=plateau)
    run(loop)
    assert loop.position.rate_scale == 0.5
    assert loop.position.lowerings == [1]


def test_a_position_of_dlcli_0_1_is_taken_up_and_judged_by_the_monitor_of_now():
    first = make_loop(monitor="accuracy")
    run(first, stop=lambda: first.position.epoch == 1 and first.position.step > 0)
    arrays, state = first.state()
    state.pop("lowerings")
    state["best"] = [0.9, -0.5]
    second = make_loop(monitor="loss")
    second.restore(arrays, state)
    assert run(second)
    rows = second.position.history
    lowest = min(rows, key=lambda row: row["val_loss"])
    assert second.position.best_epoch == lowest["epoch"]


def test_a_plateau_lowers_the_rate_once_in_every_so_many_epochs():
    plateau = Plateau(epochs=2, factor=0.5)
    loop, seen = make_loop(learning_rate=1e-12, epochs=8, plateau=plateau), []
    run(loop, events=lambda event: seen.append(float(plateau.scale)))
    assert loop.position.best_epoch == 1
    assert sorted(set(seen), reverse=True) == [1.0, 0.5, 0.25, 0.125]
    assert loop.position.lowered_epoch == 7


def test_steps_a_call_leave_the_bits_alone(undisturbed):
    loop = make_loop()
    loop._steps_a_call = 4
    run(loop)
    assert bits(loop) == undisturbed


def test_the_state_holds_random_seeds_metrics_and_the_optimizer():
    loop = make_loop()
    arrays, _ = loop.state()
    variables = loop._variables()
    paths = {variable.path for variable in variables.values()}
    assert len(arrays) == len(variables) == len(paths)
    assert any("seed" in path for path in paths)
    assert any("iteration" in path for path in paths)
    assert any(path.endswith("/total") for path in paths)
    assert any("moving_mean" in path for path in paths)


def test_history_has_a_row_an_epoch_and_best_weights_are_those_of_the_best():
    loop, seen = make_loop(), []

    def report(event):
        if isinstance(event, events.EpochEnded):
            seen.append((event.is_best, loop.core.get_weights()))

    run(loop, events=report)

    rows = loop.position.history
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert list(rows[0]) == [
        "epoch",
        "learning_rate",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
    ]
    assert rows[-1]["learning_rate"] == 0
    best = max(rows, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert loop.position.best_epoch == best["epoch"]
    kept = seen[loop.position.best_epoch - 1]
    assert kept[0]
    assert all(np.array_equal(a, b) for a, b in zip(kept[1], loop.best_weights, strict=True))


def test_early_stopping_ends_after_the_patience():
    loop = make_loop(learning_rate=1e-12, epochs=50, early_stopping_epochs=2)
    assert run(loop)
    assert loop.position.epoch == loop.position.best_epoch + 2
    assert loop.is_over


def test_a_time_limit_ends_at_the_epoch():
    loop = make_loop(max_seconds=0.0)
    assert run(loop)
    assert loop.position.epoch == 1


def test_a_loss_that_is_not_finite_stops_before_anything_is_saved():
    loop, saved = make_loop(learning_rate=1e30), []
    with pytest.raises(
        DivergedError, match=r"the loss became (nan|inf) between step \d+ and step \d+"
    ):
        run(loop, save=lambda: saved.append(loop.core.get_weights()))
    assert all(math.isfinite(row["loss"]) for row in loop.position.history)
    assert all(np.isfinite(weights).all() for state in saved for weights in state)


def test_a_loss_that_explodes_stops_at_the_end_of_its_epoch():
    loop = make_loop(learning_rate=1e2)
    with pytest.raises(DivergedError, match=r"it began at \d\.\d+ and is .*\(epoch 1\)") as raised:
        run(loop)
    assert "gradient_clip_norm" in raised.value.hint
    assert loop.position.first_loss < 5
    assert not loop.position.history
    assert not loop.best_weights


def test_the_graph_is_built_once():
    loop = make_loop()
    run(loop)
    assert loop._train_call.experimental_get_tracing_count() == 1
    assert loop._validation_call.experimental_get_tracing_count() == 1


def test_checkpoints_inside_an_epoch_come_after_their_time():
    loop, saved = make_loop(checkpoint_seconds=0.0), []
    loop._adapt_steps = lambda *_: None
    run(loop, save=lambda: saved.append(loop.position.global_step))
    assert saved == list(range(1, 19))


def test_checkpoints_by_steps_come_at_their_multiples_and_at_the_end(undisturbed):
    loop, saved = make_loop(checkpoint_steps=4), []
    loop._steps_a_call = 512
    run(
        loop,
        save=lambda: saved.append(loop.position.global_step),
        # So costly that no epoch's end is worth one.
        events=lambda event: setattr(loop, "_saving_seconds", 1e9),
    )
    assert saved == [4, 8, 12, 16, 18]
    assert bits(loop) == undisturbed


@pytest.mark.parametrize(("seconds", "saved_at"), [(0.0, [6, 12, 18]), (1e9, [18])])
def test_an_epoch_ends_with_a_checkpoint_unless_that_costs_too_much(seconds, saved_at):
    loop, saved = make_loop(), []

    def save():
        saved.append(loop.position.global_step)

    run(loop, save=save, events=lambda event: setattr(loop, "_saving_seconds", seconds))
    assert saved == saved_at


def test_the_time_of_an_epoch_counts_what_came_before_an_interruption():
    first, ended = make_loop(), []
    run(first, stop=lambda: first.position.global_step >= 2)
    first.position.epoch_seconds += 1000
    second = make_loop()
    second.restore(*first.state())
    run(second, events=ended.append)
    seconds = [event.seconds for event in ended if isinstance(event, events.EpochEnded)]
    assert seconds[0] > 1000
    assert max(seconds[1:]) < 100


def test_a_state_of_another_network_is_refused_and_nothing_is_changed():
    loop = make_loop()
    arrays, state = loop.state()
    wider = {
        name: np.repeat(array, 2, -1) if array.ndim == 4 else array
        for name, array in arrays.items()
    }
    with pytest.raises(
        UsageError, match=r"kernel has the shape \(3, 3, 1, 8\) in it; \(3, 3, 1, 4\)"
    ):
        loop.restore(wider, state)
    fewer = dict(list(arrays.items())[:-1])
    with pytest.raises(
        UsageError, match=rf"it holds {len(fewer)} arrays; {len(arrays)} are expected"
    ):
        loop.restore(fewer, state)
    assert bits(loop)[0] == {name: array.tobytes() for name, array in arrays.items()}


def test_batches_follow_the_order_and_the_last_one_is_short():
    train = split(10, 0)
    inputs = keras.Input((6, 6, 1), dtype="uint8")
    preprocessor = keras.Model(inputs, keras.layers.Rescaling(1.0)(inputs))

    def batches(first_step=0):
        return list(
            pipeline.train_batches(
                train,
                preprocessor,
                Augmentation(),
                batch_size=4,
                seed=3,
                epoch=1,
                first_step=first_step,
            )
        )

    whole = batches()
    assert [len(targets) for _, targets in whole] == [4, 4, 2]
    seen = tf.concat([numbers for numbers, _ in whole], 0).numpy()
    assert sorted(map(bytes, seen.astype(np.uint8))) == sorted(map(bytes, train.inputs))
    for (left, _), (right, _) in zip(whole[1:], batches(first_step=1), strict=True):
        assert np.array_equal(left, right)
