"""The next token of a running text, as a probability for each character.

The answer follows the network: after every step of a text, float32 (batch, steps,
num_characters), or after its last one, (batch, num_characters). So the end-to-end model takes
texts of any length as strings and says after each of their characters what may come next;
the answer to a prompt is the one at its last character. This way the file that ships is
measured on all characters of a text at the cost of reading it once. Generating does not read
a window again for each new character: see `dlcli.tasks.step`.
"""

from __future__ import annotations

from dlcli.tasks.classification import METRICS, head, loss

__all__ = ["METRICS", "head", "loss", "weighted_loss"]

weighted_loss = None
