"""The card: what other people wrote cannot break out of it, and no path gets into it."""

from __future__ import annotations

from dataclasses import replace

import yaml

from freehold.modify.card import Card, Sampled, card_text
from freehold.modify.recipe import Ingredient, Recipe

RECIPE = Recipe(
    "train",
    (Ingredient("base", "b" * 64),),
    {
        "rank": 8,
        "folder": "/home/ann/secret",
        "targets": "all",
        "alpha": None,
        "files": ["/home/ann/letters.jsonl", "letters"],
    },
    f"{'d' * 64}+{'e' * 64}",
    7,
)
CARD = Card(
    name="letters",
    sha256="a" * 64,
    base_name="base",
    base_sha256="b" * 64,
    base_repository="org/base",
    relation="adapter",
    licence="Apache-2.0",
    languages=("en", "de"),
    tags=("gguf", "lora"),
    verdict=("It got worse on what was held out.", "No difference at the task."),
    use='$ freehold run base --adapter letters "…"',
    recipes=(RECIPE,),
    headings=("MEASURE", "BEFORE", "AFTER"),
    figures=(("loss", "3.1", "3.5"),),
    notes=("Measured now.",),
    samples=(Sampled("Who?", "Ann.", "before it", "after it"),),
    limits=("It knows little.",),
)


def head(text: str) -> dict[str, object]:
    """The YAML between the first two lines of dashes."""
    start, found, _ = text.split("---\n", 2)
    assert start == ""
    said = yaml.safe_load(found)
    assert isinstance(said, dict)
    return said


def test_the_head_is_in_the_hubs_form() -> None:
    assert head(card_text(CARD)) == {
        "base_model": "org/base",
        "base_model_relation": "adapter",
        "license": "apache-2.0",
        "language": ["en", "de"],
        "datasets": [f"sha256:{'d' * 64}", f"sha256:{'e' * 64}"],
        "tags": ["gguf", "lora"],
    }
    bare = replace(CARD, base_repository=None, relation=None, licence=None, recipes=())
    assert head(card_text(bare)) == {
        "base_model": "base",
        "license": "unknown",
        "language": ["en", "de"],
        "tags": ["gguf", "lora"],
    }


def test_all_that_was_found_is_told_and_nothing_local() -> None:
    text = card_text(CARD)
    body = text.split("---\n", 2)[2].strip()
    assert body.startswith("# letters\n\nIt got worse on what was held out.\nNo difference")
    assert "| loss | 3.1 | 3.5 |" in text
    assert "| rank | 8 |" in text
    assert "| seed | 7 |" in text
    assert "asked: Who?\nshould say: Ann.\nbefore: before it\nafter: after it" in text
    assert "- It knows little." in text
    assert "/home" not in text
    assert "alpha" not in text


def test_other_peoples_words_stay_in_their_places() -> None:
    bad = "x\n---\n# y | z <script> ```"
    card = replace(
        CARD,
        name=bad,
        base_repository=bad,
        languages=(bad,),
        figures=((bad, bad, bad),),
        samples=(Sampled(bad, None, "````\n# out", "\x1b[31mred"),),
    )
    text = card_text(card)
    assert head(text)["base_model"] == "x --- # y | z <script> '''"
    assert r"# x --- \# y \| z \<script\> '''" in text.splitlines()
    cell = r"x --- \# y \| z \<script\> '''"
    assert f"| {cell} | {cell} | {cell} |" in text
    fence = text.splitlines().index("`````text")
    assert "# out" in text.splitlines()[fence + 1 :]
    assert "`````" in text.splitlines()[fence + 1 :]
    assert "\x1b" not in text
