"""Every kind and output is declared whole."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from dlcli import catalog, kinds, outputs


@pytest.mark.parametrize("kind", kinds.all_kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_is_declared_whole(kind: kinds.Kind) -> None:
    assert kind.example_recipe in catalog.recipe_names()
    assert kind.tasks
    assert kind.built_in_kind in kinds.all_kinds()
    assert importlib.util.find_spec(f"dlcli.data.{kind.source}")
    assert kinds.module("recipe.sections", kind).Data


def test_tasks_are_sorted_and_named_once() -> None:
    names = [task for kind in kinds.all_kinds().values() for task in kind.tasks]
    assert list(kinds.tasks()) == sorted(set(names))
    assert len(names) == len(set(names))


def test_a_metric_means_the_same_for_all_outputs() -> None:
    for output in outputs.all_outputs().values():
        for metric in output.metrics:
            assert outputs.metric(metric.name) == metric


@pytest.mark.parametrize("output", outputs.all_outputs().values(), ids=lambda output: output.name)
def test_an_output_measures_what_chooses_the_epoch(output: outputs.Output) -> None:
    assert output.chooses_epoch in {metric.name for metric in output.metrics}


def test_descriptors_are_light() -> None:
    code = (
        "import sys; from dlcli import kinds; kinds.tasks();"
        "print({'numpy', 'pydantic', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
