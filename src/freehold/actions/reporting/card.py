"""The card of a report: what `modify.card` is given to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.actions.reporting.figures import HEADINGS, rows
from freehold.actions.reporting.verdict import verdict
from freehold.errors import UsageError
from freehold.formats.beside import BesideKind
from freehold.names import ModelRef, Scheme

if TYPE_CHECKING:
    from freehold.actions.reporting.pair import Pair
    from freehold.actions.reporting.report import Report
    from freehold.modify.card import Card
    from freehold.modify.recipe import Recipe

_RELATIONS = (
    ("merge models", "merge"),
    ("quantize", "quantized"),
    ("convert", "quantized"),
    ("", "finetune"),
)
"""By how the operation begins, for whole models."""


def card_of(report: Report, machine: str) -> Card:
    """The card; `machine` is what the speeds were measured on."""
    from freehold.formats.gguf import read_header
    from freehold.formats.gguf_lookup import texts
    from freehold.modify.card import Card, Sampled

    pair = report.pair
    header = read_header(pair.made.path)
    recipes = dict.fromkeys(id(each) for each in (pair.recipe, pair.training) if each)
    known = {id(each): each for each in (pair.recipe, pair.training) if each}
    samples = tuple(
        Sampled(each.asked, each.expected, each.before, each.after)
        for each in report.answers.samples
    )
    return Card(
        name=pair.made.name,
        sha256=pair.made.sha256,
        base_name=pair.base.name,
        base_sha256=pair.base.sha256,
        base_repository=_repository(pair),
        relation=_relation(pair),
        licence=_licence(pair),
        languages=texts(header, "general.languages"),
        tags=("gguf", "freehold", *_tags(pair)),
        verdict=verdict(report),
        use=_use(pair),
        recipes=tuple(known[each] for each in recipes),
        headings=HEADINGS,
        figures=[(row.what, row.before, row.after, row.change) for row in rows(report)],
        notes=tuple(notes(report, machine)),
        samples=samples,
        limits=tuple(_limits(report)),
    )


def notes(report: Report, machine: str) -> Iterator[str]:
    """How the figures were taken, a sentence or two each."""
    if report.held_out is not None:
        held = report.held_out
        yield (
            f"Held out: {held.what}, sha256 {held.sha256[:12]}; {held.tokens:,} tokens of answers"
            + (f", {held.too_long:,} examples too long to read" if held.too_long else "")
            + ". Known whole: the likeliest token is the right one at every place of the answer."
        )
        if held.seen:
            yield "Training kept its best state by these very examples, which flatters it a little."
    text = report.text
    if report.unrelated is not None:
        yield (
            f"Unrelated text: {text.name}, {text.size:,} bytes, sha256 {text.digest[:12]}. Its "
            "tokens are taken for independent."
        )
    yield (
        "Intervals are of 95%: bootstrap over examples, Wilson's for shares, Agresti and Min's for "
        "their change."
    )
    answers = report.answers
    yield (
        f"Speeds were measured now, in turn, {answers.rounds} loads each, on {machine}: "
        "the median, ± one standard deviation."
    )


def _repository(pair: Pair) -> str | None:
    """Where the base came from, if that was Hugging Face."""
    for sighting in pair.base.owned.sightings if pair.base.owned else ():
        try:
            ref = ModelRef.parse(sighting.ref)
        except UsageError:  # of a kind that this version does not know
            continue
        if ref.scheme is Scheme.HUGGINGFACE:
            return ref.location
    return None


def _relation(pair: Pair) -> str | None:
    if pair.kind is not None:
        return "adapter"
    if pair.recipe is None:
        return None
    return next(word for start, word in _RELATIONS if pair.recipe.operation.startswith(start))


def _licence(pair: Pair) -> str | None:
    """What the store knows, or else what the file says."""
    from freehold.formats.gguf import read_header
    from freehold.formats.gguf_lookup import text

    owned = pair.made.owned
    known = (owned.licence.spdx or owned.licence.name) if owned else None
    return known or text(read_header(pair.made.path), "general.license")


def _tags(pair: Pair) -> tuple[str, ...]:
    if pair.kind is BesideKind.ADAPTER:
        return ("lora",)
    return ("control-vector",) if pair.kind is BesideKind.VECTOR else ()


def _use(pair: Pair) -> str:
    option = {
        BesideKind.ADAPTER: f" --adapter {pair.made.name}",
        BesideKind.VECTOR: f" --steer {pair.made.name}",
    }
    if pair.kind is None:
        return f'$ freehold run {pair.made.name} "…"'
    scale = "" if pair.scale == 1 else f":{pair.scale:g}"
    return f'$ freehold run {pair.base.name}{option[pair.kind]}{scale} "…"'


def _limits(report: Report) -> Iterator[str]:
    pair = report.pair
    if pair.training is not None:
        yield (
            f"It was taught {_count(pair.training)}; of what is not in them it knows no more than "
            f"{pair.base.name} does."
        )
    if report.held_out is None:
        yield "Whether it does what it was made for was not measured: there is no held-out figure."
    elif report.held_out.n < 100:
        yield (
            f"{report.held_out.n} held-out examples of one kind say nothing of questions of "
            "another kind."
        )
    if pair.kind is not None:
        yield (
            f"It belongs to weights with the sha256 {pair.base.sha256[:12]} and was measured at a "
            f"scale of {pair.scale:g}: with others it does something else."
        )
    yield "Nothing here measures whether its answers are safe, fair or true beyond what is shown."


def _count(recipe: Recipe) -> str:
    count = recipe.options.get("examples")
    return f"{count:,} examples" if isinstance(count, int) else "from examples"
