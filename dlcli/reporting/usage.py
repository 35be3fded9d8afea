"""How a run is repeated and used: commands to paste, and what was exported of it."""

from __future__ import annotations

import shlex
from typing import Any

from dlcli import quantities
from dlcli.errors import DlcliError
from dlcli.metric_names import format_metric, title
from dlcli.reporting import outputs
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


def of(run: RunDir, task: str, environment: dict[str, Any]) -> dict[str, Any]:
    """The commands.

    Returns:
        `trained`, the command that made the run; `reproduce` and `use`, each a list of
        commands with what they do.
    """
    name = run.reference()
    argv = environment.get("argv") or []
    if made := outputs.of(task).GENERATES:
        use = [(f"dlcli generate {name} {made[0]}", made[1])]
    else:
        use = [
            (f"dlcli predict {name} YOUR-FILE", "answers for your own data"),
            (f"dlcli explain {name} --mistakes", "see what its worst answers came from"),
        ]
    return {
        "trained": shlex.join(["dlcli", *argv[1:]]) if len(argv) > 1 else "",
        "reproduce": [
            (f"dlcli reproduce {name}", "train it again and compare every byte"),
            (
                f"dlcli train {shlex.quote(str(run.recipe))}",
                "train its recipe again, every default kept",
            ),
        ],
        "use": [
            *use,
            (f"dlcli evaluate {name} --data YOUR-DATA", "measure it on your own data"),
            (
                f"dlcli export {name} --format keras,saved-model,tflite",
                "files for other programs, each proved equal",
            ),
            (f"dlcli serve {name}", "answer over HTTP"),
            (f"dlcli compare {name} OTHER-RUN", "is another run better, or is it chance?"),
        ],
    }


def exports(run: RunDir) -> list[dict[str, Any]]:
    """The exported files that there are, each with its proof."""
    found = []
    for path in sorted(run.exports.glob("*.json")):
        try:
            document = documents.export(path)
        except DlcliError:
            continue
        file = path.with_suffix("")
        if not file.exists():
            continue
        parity, metric = document["parity"], document["parity"]["metric"]
        before, after = (format_metric(metric, parity[name]) for name in ("before", "after"))
        found.append(
            {
                "name": file.name,
                "size": quantities.file_size(document["bytes"]),
                "max_difference": f"{parity['max_difference']:.2g}",
                "metric": title(metric),
                "before": before,
                "after": after,
                "examples": parity.get("examples"),
            }
        )
    return found
