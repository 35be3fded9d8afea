"""A model of whole texts writes what one with a state does."""

import numpy as np
import pytest

from dlcli.generation.text import Generator
from dlcli.generation.whole_texts import WholeTexts
from dlcli.inputs.characters import RESERVED_NAMES


class Counting:
    """The character after a text is likely that which it has most of, and then those after it."""

    def __init__(self, every_step):
        self.metadata = {"class_names": (*RESERVED_NAMES, *"abcd")}
        self.asked = []
        self._every_step = every_step

    def predict_batch(self, raw):
        self.asked.append(list(raw))
        answers = np.array(
            [
                [[0, 0] + [1 + text[:end].count(each) for each in "abcd"] for end in range(1, 9)]
                for text in raw
            ],
            np.float32,
        )
        lengths = [len(text) - 1 for text in raw]
        return answers if self._every_step else answers[np.arange(len(raw)), lengths]


@pytest.mark.parametrize("every_step", [True, False])
def test_the_answer_after_the_last_character_of_the_text_so_far_counts(every_step):
    model = Counting(every_step)
    made = "".join(Generator(WholeTexts(model), temperature=0).generate("ccb", 4))
    assert made == "cccc"
    assert model.asked == [["c"], ["cc"], ["ccb"], ["ccbc"], ["ccbcc"], ["ccbccc"]]
