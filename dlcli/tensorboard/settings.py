"""The recipe in the HParams page, where runs are compared, and the charts of custom scalars."""

from __future__ import annotations

from typing import Any

from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import summary as custom_scalar
from tensorboard.plugins.hparams import api_pb2, summary_v2
from tensorboard.plugins.hparams import summary as hparams

from dlcli.recipe.schema import Recipe, flat
from dlcli.recipe.sections import Section

# Runs are mostly compared by these, so they are shown whatever they are; of the model all keys.
_ALWAYS = {
    "data.source",
    "training.epochs",
    "training.batch_size",
    "training.optimizer",
    "training.learning_rate",
    "training.schedule",
    "training.seed",
}
# What says when a run is saved or what of it is shown.
_LEFT_OUT = {"training.checkpoint_minutes", "training.checkpoint_steps", "training.histograms"}


def of_recipe(recipe: Recipe) -> dict[str, bool | float | str]:
    """The keys of a recipe as the HParams page takes them: dotted, each a single value.

    A list is text. Left out are keys without a value, and of those that few runs change the ones
    that have their default.
    """
    found: dict[str, bool | float | str] = {}
    defaults = dict(flat(_defaults(recipe)))
    for key, value in flat(recipe.model_dump(mode="json")):
        is_shown = key in _ALWAYS or key.startswith("model.") or value != defaults.get(key)
        if key in _LEFT_OUT or value is None or not is_shown:
            continue
        if isinstance(value, list):
            found[key] = ", ".join(map(str, value)) or "none"
        else:
            found[key] = value
    return found


def session_start(recipe: Recipe, run_name: str) -> Any:
    """A run begins, with these settings; the `Summary` of the HParams page."""
    # Not by the settings: two runs of one recipe are two runs.
    return summary_v2.hparams_pb(of_recipe(recipe), trial_id=run_name)


def session_end() -> Any:
    """A run is completed; the `Summary` of the HParams page."""
    return hparams.session_end_pb(api_pb2.STATUS_SUCCESS)


def layout(metrics: list[str], unit: str) -> Any:
    """The charts of the custom-scalars page: the `Summary` of its layout.

    Args:
        metrics: names, the loss first.
        unit: what examples are called, such as "images".
    """

    def chart(title: str, *tags: str) -> Any:
        content = layout_pb2.MultilineChartContent(tag=[f"^{tag}$" for tag in tags])
        return layout_pb2.Chart(title=title, multiline=content)

    categories = {
        "How good it is": [chart(name, name) for name in metrics],
        "How it learns": [
            chart("learning rate", "training/learning_rate"),
            chart("gradient norm", "training/gradient_norm"),
        ],
        "What it takes": [
            chart(f"{unit} per second", f"speed/{unit}_per_second"),
            chart("seconds an epoch", "speed/epoch_seconds"),
            chart("memory (GB)", "memory/process_gb", "memory/device_gb"),
        ],
    }
    return custom_scalar.pb(
        layout_pb2.Layout(
            category=[
                layout_pb2.Category(title=title, chart=charts)
                for title, charts in categories.items()
            ]
        )
    )


def _defaults(recipe: Recipe) -> dict[str, Any]:
    sections = {name: type(section) for name, section in recipe if isinstance(section, Section)}
    return {
        name: {
            key: list(field.default) if isinstance(field.default, tuple) else field.default
            for key, field in section.model_fields.items()
            if not field.is_required()
        }
        for name, section in sections.items()
    }
