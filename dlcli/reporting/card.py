"""The model card: the same facts as Markdown, to go beside a model that is shared.

After M. Mitchell and others, Model Cards for Model Reporting, 2019: what the data and the training
cannot tell, such as what the model is meant for, is left to be written, and says so.
"""

from __future__ import annotations

import re
from typing import Any

from dlcli import shown
from dlcli.reporting import page

# What Markdown would take for a mark of its own, or a page that shows it for HTML.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def render(found: dict[str, Any]) -> str:
    """Lay out what `dlcli.reporting.facts.gather` gave as a card."""
    environment = page.environment()
    environment.filters["marked"] = marked
    text: str = environment.get_template("model_card.md").render(**found)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def marked(text: object) -> str:
    """A text of the data's on one line, with none of its characters a mark of Markdown."""
    return _MARKS.sub(r"\\\1", shown.escaped(" ".join(str(text).split())))
