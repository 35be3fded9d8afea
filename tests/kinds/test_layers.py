"""A kind has a file in every layer, or says why not; so have its outputs."""

import importlib.util

import pytest

from dlcli import kinds
from dlcli.errors import UsageError

LAYERS = {"predict": "prediction", "explain": "explanation"}


@pytest.mark.parametrize("kind", kinds.all_kinds().values(), ids=kinds.all_kinds())
@pytest.mark.parametrize("command", LAYERS)
def test_a_kind_and_its_outputs_are_in_a_layer_or_refused(kind, command):
    names = [kind.name, *(output.name for output in kind.tasks.values())]
    found = [importlib.util.find_spec(f"dlcli.{LAYERS[command]}.{name}") for name in names]
    if command in kind.refusals:
        assert not any(found)
        with pytest.raises(UsageError) as told:
            kind.check(command)
        assert (told.value.message, told.value.hint) == kind.refusals[command]
    else:
        assert all(found)
        kind.check(command)


@pytest.mark.parametrize("kind", kinds.all_kinds().values(), ids=kinds.all_kinds())
def test_a_kind_has_a_form(kind):
    assert importlib.util.find_spec(f"dlcli.serving.forms.{kind.name}")
    assert bool(kind.inputs) == ("request" not in kind.refusals)
