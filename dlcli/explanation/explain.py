"""The flow of an explanation: methods chosen, inputs explained, the methods checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcli import kinds
from dlcli.errors import DlcliError, UsageError
from dlcli.events import Events, Stage, ignore
from dlcli.explanation import protocols, sanity
from dlcli.explanation.attribution import Attribution, Explained, Explanation, Method
from dlcli.explanation.examples import Item
from dlcli.explanation.sanity import Check
from dlcli.explanation.subject import Subject

CHECKED_INPUTS = 3
"""Of this many inputs at most the methods are checked."""

_NEED_GRADIENTS = {"grad-cam", "integrated-gradients", "attention"}


@dataclass(frozen=True)
class Result:
    """What was explained.

    Args:
        explanations: one an input, in their order.
        checks: one a method.
    """

    explanations: Sequence[Explanation] = ()
    checks: Sequence[Check] = ()


def kind_of(subject: Subject) -> protocols.KindExplanation:
    """The module that explains the subject's kind of data.

    Raises:
        UsageError: that kind cannot be explained.
    """
    kind = kinds.for_task(subject.metadata["task"])
    kind.check("explain")
    module: protocols.KindExplanation = kinds.module("explanation", kind)
    return module


def chosen(subject: Subject, method: str) -> tuple[list[str], list[str]]:
    """The methods to take.

    Args:
        method: "auto", or the name of one.

    Returns:
        Their names, and what to say of those that would be taken if they could.

    Raises:
        UsageError: the one that is named does not fit.
    """
    kind = kind_of(subject)
    if method != "auto":
        if reason := _reason_against(subject, kind, method):
            others = [name for name in kind.METHODS if not _reason_against(subject, kind, name)]
            hint = f"Choose --method {others[0]}." if others else ""
            raise UsageError(f"{method} is not offered here: {reason}.", hint)
        return [method], []
    found, notes = [], []
    for name in kind.AUTOMATIC:
        if reason := _reason_against(subject, kind, name):
            if name != "attention":  # few networks have it: nobody misses it
                notes.append(f"{name} is left out: {reason}.")
        else:
            found.append(name)
    if not found and "occlusion" in kind.METHODS:
        found.append("occlusion")
    if not found:
        raise UsageError(notes[0], _HINT_GRADIENTS)
    return found, notes


def explain(
    subject: Subject,
    items: Sequence[Item],
    methods: Sequence[str],
    *,
    name: str | None = None,
    events: Events = ignore,
) -> Result:
    """Explain inputs, and check the methods on them.

    Args:
        items: the inputs with their answers.
        name: of the class or target that is explained; None for the likeliest or first.

    Raises:
        UsageError: there is no class or target of that name.
    """
    kind = kind_of(subject)
    prepared: dict[str, Method] = {each: kind.METHODS[each](subject) for each in methods}
    good = [item for item in items if item.answer is not None]
    checked = good[:CHECKED_INPUTS] if subject.has_gradients else []
    total = len(methods) * (len(good) + len(checked) * sanity.DRAWS)
    done = 0

    def attribute(method: str, item: Item, explained: Explained) -> Attribution:
        nonlocal done
        found = prepared[method](item.raw, explained)
        done += 1
        events(Stage("explaining", done, total))
        return found

    explanations = []
    for item in items:
        if item.answer is None:
            explanations.append(Explanation(item.prediction))
            continue
        explained = subject.explained(item.prediction, name)
        attributions = [attribute(method, item, explained) for method in methods]
        explanations.append(
            Explanation(
                item.prediction,
                explained,
                attributions,
                kind.places(subject, item.raw),
                item.answer,
                subject.metadata["target"] if "columns" in subject.metadata["input"] else "",
            )
        )
    answered = [each for each in explanations if each.explained]
    checks = []
    for place, method in enumerate(methods if answered else ()):
        if not subject.has_gradients:
            reason = "the weights of an exported file cannot be shuffled; check the run instead"
            checks.append(Check(method, None, 0, 0, "not checked", reason))
            continue

        def again(number: int, method: str = method) -> np.ndarray:
            explained = answered[number].explained
            if explained is None:
                raise DlcliError("an input without an answer cannot be explained.")
            return attribute(method, checked[number], explained).values

        originals = [each.attributions[place].values for each in answered[: len(checked)]]
        checks.append(sanity.check(method, again, originals, subject.network.core, sanity.DRAWS))
    return Result(explanations, checks)


_HINT_GRADIENTS = (
    "Explain the run, or the .keras file that dlcli export writes; without gradients there are "
    "occlusion and, of tables, permutation."
)


def _reason_against(subject: Subject, kind: protocols.KindExplanation, method: str) -> str:
    """Why a method cannot explain a subject, as part of a sentence, or ""."""
    name = subject.metadata["input"]["kind"]
    if method not in kind.METHODS:
        reasons = {
            "grad-cam": "it shows places of an image",
            "attention": "it is about the steps of texts and series",
            "permutation": "it is about the columns of tables, and of many rows at once",
            "occlusion": "without a character the text is another one",
        }
        reason = reasons.get(method, "it is not made for that")
        return f"{reason}, and this model takes the kind of data '{name}'"
    if method in _NEED_GRADIENTS and not subject.has_gradients:
        if method == "attention":
            return (
                "attention is inside the network, and an exported file other than .keras cannot "
                "be looked into"
            )
        return (
            "it needs gradients, which an exported file other than .keras does not have; the run "
            "has them"
        )
    family = subject.metadata["recipe"]["model"]["family"]
    if method == "grad-cam":
        from dlcli.explanation import grad_cam

        if not grad_cam.is_for(subject.network):
            return f"it needs convolutions, and the family '{family}' has none"
    if method == "attention":
        from dlcli.explanation import attention

        if not attention.is_for(subject.network):
            return f"the family '{family}' has no attention"
    return ""
