"""An image made of noise, in its own units: 0 to 255."""

from __future__ import annotations

from dlcli.outputs.output import LOSS, Metric, Output

OUTPUT = Output(
    "generated_image",
    metrics=(Metric("frechet_distance", "Fréchet distance"), LOSS),
    chooses_epoch="frechet_distance",
    is_adversarial=True,
    takes_features=False,
    per_example=False,
    generate_options="--count 64 --output pictures.png",
    makes_images=True,
)
