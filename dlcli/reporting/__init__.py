"""Reports: what a run was and what came of it, on a page and in a model card. No TensorFlow.

`facts` reads it all from the run directory, once; `page` and `card` only lay it out, so that no
figure can differ between them. `examples` has, one file a kind of data, what is kept of the test
split's examples while there is still the data.
"""

from __future__ import annotations

from dlcli import files
from dlcli.reporting import card, facts, page
from dlcli.runs.run_dir import RunDir


def write(run: RunDir) -> None:
    """Write the report and the model card of a completed run into it.

    Raises:
        DlcliError: it is not completed, or a file of it is damaged.
        OSError: they cannot be written.
    """
    found = facts.gather(run)
    files.write_text(run.report, page.render(run, found))
    files.write_text(run.model_card, card.render(found))
