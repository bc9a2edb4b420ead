"""A card in Markdown to publish with a model: its head in Hugging Face's form, then all measured.

Names, options and answers are other people's text: none of it can break out of its cell, its block
or the head, and no path of anybody's disk goes into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freehold.modify.recipe import Recipe, without_local

_TICKS = re.compile("`+")


@dataclass(frozen=True)
class Sampled:
    """One question to both."""

    asked: str
    expected: str | None
    before: str
    after: str


@dataclass(frozen=True)
class Card:
    """What a card says."""

    name: str
    sha256: str
    base_name: str
    base_sha256: str
    base_repository: str | None
    """On Hugging Face, as `org/name`, where it is known to have come from there."""
    relation: str | None
    """`adapter`, `finetune`, `merge` or `quantized`."""
    licence: str | None
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    verdict: tuple[str, ...]
    """Sentences, the first the most important."""
    use: str
    """The command that uses it."""
    recipes: tuple[Recipe, ...]
    """How it was made, the last step first."""
    headings: Sequence[str]
    figures: Sequence[Sequence[str]]
    notes: tuple[str, ...]
    """How the figures were taken."""
    samples: tuple[Sampled, ...]
    limits: tuple[str, ...]
    """What it is not good for."""


def card_text(card: Card) -> str:
    """The whole file."""
    base = f"`{_line(card.base_name)}` (sha256 `{card.base_sha256}`)"
    parts = [
        "\n".join(_head(card)),
        f"# {_words(card.name)}",
        "\n".join(map(_words, card.verdict)),
        f"Made from {base} with Freehold. This file's sha256 is `{card.sha256}`.",
        _block(card.use, "console"),
        "## How it was made",
        *(part for recipe in card.recipes for part in _recipe(recipe)),
        "## Measured",
        _table(card.headings, card.figures),
        *map(_words, card.notes),
        *_samples(card.samples),
        "## What it is not good for",
        "\n".join(f"- {_words(each)}" for each in card.limits),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(card: Card) -> Iterator[str]:
    """YAML, of which JSON's strings are a part."""
    yield "---"
    yield f"base_model: {_quoted(card.base_repository or card.base_name)}"
    if card.relation is not None:
        yield f"base_model_relation: {card.relation}"
    yield f"license: {_quoted((card.licence or 'unknown').lower())}"
    if card.languages:
        yield f"language: [{', '.join(map(_quoted, card.languages))}]"
    data = [
        each for recipe in card.recipes for each in (recipe.data_sha256 or "").split("+") if each
    ]
    if data:
        yield f"datasets: [{', '.join(_quoted(f'sha256:{each}') for each in data)}]"
    yield f"tags: [{', '.join(map(_quoted, card.tags))}]"
    yield "---"


def _recipe(recipe: Recipe) -> Iterator[str]:
    options = {
        key: kept
        for key, value in recipe.options.items()
        if (kept := without_local(value)) is not None
    }
    rows = [("operation", recipe.operation)]
    rows += [("from", f"{each.name}, sha256 {each.sha256}") for each in recipe.parents]
    if recipe.data_sha256:
        rows.append(("data, sha256", recipe.data_sha256))
    if recipe.seed is not None:
        rows.append(("seed", str(recipe.seed)))
    rows += [(key.replace("_", " "), _value(value)) for key, value in options.items()]
    yield _table(("what", "as it was"), rows)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _samples(samples: Sequence[Sampled]) -> Iterator[str]:
    if samples:
        yield "## Answers side by side"
        yield "The likeliest token each time, so that anyone gets the same."
    for each in samples:
        said = [("asked", each.asked), ("before", each.before), ("after", each.after)]
        if each.expected is not None:
            said.insert(1, ("should say", each.expected))
        yield _block("\n".join(f"{label}: {text}" for label, text in said), "text")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    marks = ["---"] * len(headings)
    lines = [headings, marks, *([_words(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _block(text: str, language: str) -> str:
    """A fenced block whose fence is longer than any run of ticks inside."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{_plain(text)}\n{fence}"


def _words(text: str) -> str:
    """Text in one line, with what Markdown or HTML would read something into made harmless."""
    return re.sub(r"([\\|<>*_\[\]#])", r"\\\1", _line(text))


def _line(text: str) -> str:
    return " ".join(_plain(text).replace("`", "'").split())


def _plain(text: str) -> str:
    return "".join(ch for ch in text if ch == "\n" or ch.isprintable())


def _quoted(text: str) -> str:
    return json.dumps(_line(text), ensure_ascii=False)
