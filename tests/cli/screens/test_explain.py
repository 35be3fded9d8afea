"""What dlcli explain shows in a terminal, without a model."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

from dlcli.cli.screens import explain
from dlcli.explanation.attribution import Attribution, Explained, Explanation, Places
from dlcli.explanation.explain import Result
from dlcli.explanation.flow import Answer
from dlcli.prediction.classification import Prediction


def _shown(names, num_steps, width):
    values = np.full((num_steps, len(names)), -0.00012346)
    explanation = Explanation(
        Prediction("1", classes=[("walking", 0.9), ("standing", 0.1)]),
        Explained(0, "walking"),
        [Attribution("integrated-gradients", values, "probability")],
        Places(names, values),
    )
    answer = Answer(None, [], [], Result([explanation], []), None, None, [])
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=True, color_system="truecolor", highlight=False
    )
    explain.show(answer, console)
    return re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue()).splitlines()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["channel", "the acceleration of the left wrist along the axis"])
def test_each_channel_is_one_line_with_its_whole_number(name, width):
    lines = _shown([f"{name} 1", f"{name} 2"], num_steps=100, width=width)
    channels = [line for line in lines if line.startswith(f"    {name[:7]}")]
    assert [line.split()[-1] for line in channels] == ["-0.01235", "-0.01235"]
    assert all(len(line) <= width for line in channels)
