"""The texts that measurements read: so many tokens of plain prose, or of a text that repeats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.engine.interface import Model

_PROSE = """\
The keeper of the light had lived on the rock for nineteen years, and in all that time no boat \
had come in November. He counted the tins on the shelf, wound the clock that his brother had \
left him, and wrote the weather into the book: wind from the north-west, rising; sea rough; \
glass falling. Toward evening a line of birds went over, low and without a sound, and he knew by \
them that the night would be a long one. He carried oil up the hundred and twelve steps, trimmed \
the wick, and wiped the salt from the panes with a cloth that had once been a shirt. Below him \
the water broke white on the ledges where the seals lay in summer. There was a letter in his \
pocket that he had not opened. It had come with the last supply boat, in a hand he did not know, \
from a town he had left as a boy. He thought that he would read it when the lamp was lit, and \
then that he would read it when the wind dropped, and then that a letter which had waited so \
long could wait until the spring. At nine the fog came in. He started the engine of the horn, \
felt the floor begin to shake, and sat down beside it with his boots against the warm iron, as \
he had done on every such night, listening for anything that might answer. Somewhere after \
midnight there was a sound that was not the sea. It came three times, then stopped, then came \
again from further along the reef, and he took the lantern from its hook. The stairs were wet \
although no window was open. Halfway down he met his own shadow coming up, thrown by a second \
light in the store room, where nobody had been since the barrels were counted in August. A woman \
in oilskins stood by the door and shook the water out of her hair. She said that her name was \
Ingrid Halvorsen, that her brother was holding the boat off the landing, and that they had rowed \
from the island because the telegraph had been silent for a week and her mother dreamed of \
smoke. He found that he had forgotten how one offers a chair. There was soup, and she ate it \
standing, looking at the maps upon the wall, at the pins he had put in for every ship he ever \
turned away from the rocks. Then she asked him, quite gently, whether he had read the letter."""
_ITEMS = ("bread", "milk", "apples", "coffee", "soap", "candles", "paper", "lamp oil", "salt")


def prose(model: Model, tokens: int) -> str:
    """About so many tokens of a story that goes on, in which nothing comes twice.

    Where the story is too short for that, its words follow in other orders: a text that repeated
    itself would flatter an engine that guesses.
    """
    text, words, stride = "", _PROSE.split(), 1
    ids: list[int] = []
    while len(ids) < tokens:
        text = " ".join(words[at * stride % len(words)] for at in range(len(words))) + " " + text
        ids, stride = model.tokenize(text), stride + 2
        while math.gcd(stride, len(words)) > 1:
            stride += 2
    return model.detokenize(ids[-tokens:])


def repetitive(model: Model, tokens: int) -> str:
    """About so many tokens of a list in which each line is nearly the one before."""
    lines = [
        f'{{"line": {number}, "item": "{item}", "amount": 2, "price": 3}},\n'
        for number, item in enumerate(_ITEMS)
    ]
    return _cut(model, "".join(lines), tokens)


def _cut(model: Model, text: str, tokens: int) -> str:
    ids = model.tokenize(text)
    return model.detokenize((ids * (tokens // max(1, len(ids)) + 1))[:tokens])
