"""The two forms of LSTM layers in TFLite files against each other.

    python benchmarks/recurrent_forms.py

Two layers of 128 units over 100 steps of 65 features, as in `docs/exports.md`: milliseconds of CPU
time on one thread, medians of rounds in which the files take turns.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from dlcli.artifacts import tflite as artifact
from dlcli.export import tflite
from dlcli.models import recurrent
from dlcli.tasks import end_to_end

STEPS, FEATURES, ROUNDS = 100, 65, 30
DOCUMENT = {
    "format": "dlcli/1",
    "task": "text-classification",
    "class_names": ["a", "b"],
    "input": {"kind": "series", "name": "series"},
}


def main() -> None:
    """Write the files, time them in turn, print a table."""
    model = _model()
    examples = np.random.default_rng(0).normal(size=(64, STEPS, FEATURES)).astype(np.float32)
    expected = model.predict(examples, verbose=0)
    timed = {}
    with tempfile.TemporaryDirectory() as folder:
        for quantize in ("none", "float16", "dynamic"):
            for form, batch in (("fused", 1), ("loop", None)):
                path = Path(folder, f"{form}-{quantize}.tflite")
                tflite.write(model, DOCUMENT, path, quantize=quantize, batch=batch)
                timed[form, quantize] = (artifact.load(path, num_threads=1), path.stat().st_size)
    times: dict[tuple[str, str, int], list[float]] = {}
    for count, rounds in ((1, ROUNDS), (64, 5)):
        for _ in range(rounds + 1):  # the first one warms up
            for (form, quantize), (predictor, _) in timed.items():
                start = time.process_time()
                predictor.predict_batch(examples[:count])
                spent = 1e3 * (time.process_time() - start)
                times.setdefault((form, quantize, count), []).append(spent)
    print("| form | quantize | kB | difference | ms, 1 | ms, 64 |\n|---|---|---|---|---|---|")
    for (form, quantize), (predictor, size) in timed.items():
        difference = np.abs(predictor.predict_batch(examples) - expected).max()
        one, many = (statistics.median(times[form, quantize, count][1:]) for count in (1, 64))
        print(
            f"| {form} | {quantize} | {size / 1000:.0f} | {difference:.1e} | {one:.2f} | "
            f"{many:.0f} |"
        )


def _model() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((STEPS, FEATURES), name="numbers")
    features = recurrent.build(inputs, units=(128, 128))
    core = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(features), name="core")
    raw = keras.Input((STEPS, FEATURES), name="series")
    preprocessor = keras.Model(raw, keras.layers.Identity()(raw), name="preprocessor")
    return end_to_end(preprocessor, core)


if __name__ == "__main__":
    main()
