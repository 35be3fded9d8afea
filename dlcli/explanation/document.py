"""Explanations as JSON has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli.explanation import permutation, sanity
from dlcli.explanation.attribution import Attribution, Explanation, Places
from dlcli.explanation.flow import Answer
from dlcli.prediction import document


def of(answer: Answer) -> dict[str, Any]:
    """The whole document but for what was explained."""
    found: dict[str, Any] = {
        "task": answer.subject.metadata["task"],
        "methods": list(answer.methods),
        "folder": str(answer.folder) if answer.folder else None,
        "notes": list(answer.notes),
    }
    if answer.importances:
        return {
            **found,
            "picture": answer.pictures[0].name if answer.pictures[0] else None,
            "permutation": {
                **permutation.document(answer.importances),
                "bound": answer.importances.bound,
            },
        }
    return {
        **found,
        "sanity": [
            {
                "method": each.method,
                "check": "the same with shuffled weights",
                "rank_correlation": each.rank_correlation,
                "bound": sanity.BOUND,
                "inputs": each.num_inputs,
                "draws": each.num_draws,
                "verdict": each.verdict,
                **({"reason": each.reason} if each.reason else {}),
            }
            for each in answer.result.checks
        ],
        "explanations": [
            {
                **_explanation(each),
                **({"picture": picture.name, "arrays": f"{picture.stem}.npz"} if picture else {}),
            }
            for each, picture in zip(answer.result.explanations, answer.pictures, strict=True)
        ],
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    prediction, explained = explanation.prediction, explanation.explained
    found = document(prediction)
    if explained is None:
        return found
    found["explained"] = explained.name
    found["attributions"] = [
        _attribution(each, explanation.places) for each in explanation.attributions
    ]
    return found


def _attribution(attribution: Attribution, places: Places) -> dict[str, Any]:
    optional = {
        "compared_with": attribution.reference or None,
        "score": attribution.score,
        "reference_score": attribution.reference_score,
        "gap": attribution.gap,
        "points": attribution.num_points,
    }
    return {
        "method": attribution.method,
        "unit": attribution.unit,
        **{name: value for name, value in optional.items() if value is not None},
        **_values(attribution.values, places),
    }


def _values(values: np.ndarray, places: Places) -> dict[str, Any]:
    """The numbers by the names of their places; of an image its shape: the rest is in `arrays`."""
    if not places.names:
        return {"shape": list(values.shape), "sum": float(values.sum())}
    if values.ndim == 2:
        return {
            "channels": {name: values[:, place].tolist() for place, name in enumerate(places.names)}
        }
    if len(values) != len(places.names):  # attention of a series
        return {"steps": values.tolist()}
    if places.reference:
        rows = zip(places.names, places.content, places.reference, values.tolist(), strict=True)
        return {
            "columns": [
                {"column": name, "cell": cell, "usual": usual, "value": value}
                for name, cell, usual, value in rows
            ]
        }
    return {
        "tokens": [
            {"token": name, "value": value, "known": bool(known)}
            for name, known, value in zip(
                places.names, places.content, values.tolist(), strict=True
            )
        ]
    }
