"""How the epoch whose weights are kept is chosen, where a recipe leaves that open."""

from __future__ import annotations

from dlcli import catalog, kinds, tasks
from dlcli.errors import RecipeError
from dlcli.events import Chosen, Events
from dlcli.recipe.sections import Training

_PATIENCE = 10  # epochs


def resolve(task: str, training: Training, events: Events) -> Training:
    """Decide what chooses the epoch and when to stop, and see that the metric exists.

    Args:
        events: told of early stopping, where it was left open and may take place.

    Returns:
        The section without `auto` in `monitor` and `early_stopping_epochs`.

    Raises:
        RecipeError: the task has no such metric.
    """
    monitor, patience = training.monitor, training.early_stopping_epochs
    names = list(dict.fromkeys(("loss", *tasks.head_of(task).METRICS)))
    if monitor == "auto":
        monitor = kinds.output_of(task).chooses_epoch
    elif monitor not in names:
        raise RecipeError(
            f"training.monitor: {task} has no metric '{monitor}'. Expected auto, or one of: "
            f"{', '.join(names)}.{catalog.did_you_mean(monitor, names)}"
        )
    if patience == "auto":
        # Any other schedule ends with the training: stopped before, it is cut off.
        waits = {"constant": _PATIENCE, "plateau": _PATIENCE + 2 * training.decay_epochs}
        patience = waits.get(training.schedule)
        if patience and patience < training.epochs:
            reason = f"the schedule '{training.schedule}' has no end of its own; null for never"
            events(Chosen("training.early_stopping_epochs", str(patience), reason))
    changes = {"monitor": monitor, "early_stopping_epochs": patience}
    return training.model_copy(update=changes)
