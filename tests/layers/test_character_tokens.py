"""The layer gives the numbers of `dlcli.inputs.characters`; see also `tests/inputs`."""

import numpy as np

from dlcli.inputs.characters import RESERVED_NAMES
from dlcli.layers.character_tokens import CharacterTokens


def test_characters_are_numbered_and_texts_are_padded():
    layer = CharacterTokens((*RESERVED_NAMES, *"abé猫"))
    assert layer.num_tokens == 6
    found = layer(np.array(["ba", "猫é?a", ""], object)).numpy()
    assert found.dtype == np.int32
    assert found.tolist() == [[3, 2, 0, 0], [5, 4, 1, 2], [0, 0, 0, 0]]


def test_a_text_without_characters_has_one_step():
    layer = CharacterTokens((*RESERVED_NAMES, "a"))
    assert layer(np.array([""], object)).numpy().tolist() == [[0]]
