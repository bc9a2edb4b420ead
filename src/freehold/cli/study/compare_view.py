"""A comparison in words, as JSON, and as a picture of how far layers lie apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from freehold.cli.describe import human_count
from freehold.cli.study.plain import plain
from freehold.cli.study.shown import visible
from freehold.cli.terminal import print_table, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.study.compare.behaviour import Behaviour
    from freehold.study.compare.comparison import Comparison, Side
    from freehold.study.compare.weights import WeightComparison
    from freehold.study.kl import Kl

_SHOWN = 12
_CUT = 70


def print_comparison(found: Comparison) -> None:
    """All of it, for a person."""
    _print_lines(_heads(found))
    _print_metadata(found)
    if found.weights is not None:
        _print_weights(found.weights)
    if found.expectation is not None:
        _print_lines(_expectation(found.expectation))
    if found.behaviour is not None:
        _print_lines(_answers(found.behaviour))
    if found.cannot:
        _print_lines(["", "not compared", *(f"  {visible(line)}" for line in found.cannot)])


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Everything, with the counts that the text shows."""
    document: dict[str, Any] = plain(found)
    if found.weights is not None:
        document["weights"]["identical"] = found.weights.identical
    if found.behaviour is not None:
        document["behaviour"]["same"] = found.behaviour.same
        for pair, told in zip(found.behaviour.pairs, document["behaviour"]["pairs"], strict=True):
            told.update(same=pair.same, common_characters=pair.common)
    return document


def picture(found: Comparison) -> str:
    """The relative difference by layer, a line for each part of the network."""
    from freehold.cli.svg_chart import Chart, Series, line_chart

    parts: dict[str, dict[int, list[float]]] = {}
    for each in found.weights.differences if found.weights else ():
        if each.layer is not None and each.apart.relative is not None:
            parts.setdefault(each.part, {}).setdefault(each.layer, []).append(each.apart.relative)
    series = tuple(
        Series(part, tuple((float(n), max(values)) for n, values in sorted(layers.items())))
        for part, layers in sorted(parts.items())
    )
    title = f"How far {found.second.name} lies from {found.first.name}"
    label = "largest relative difference"
    return line_chart(Chart(title, "layer", label, series, subtitle="of a tensor, part by part"))


def _print_lines(lines: Iterator[str] | list[str]) -> None:
    print(printable("\n".join(lines)))


def _heads(found: Comparison) -> Iterator[str]:
    yield f"first         {_side(found.first)}"
    yield f"second        {_side(found.second)}"
    for line in found.lineage:
        yield f"lineage       {visible(line)}"
    yield f"vocabulary    {'the same' if found.same_vocabulary else 'different'}"
    yield f"template      {'the same' if found.same_template else 'different'}"


def _side(side: Side) -> str:
    kind = visible(side.architecture or "of no named family", 40)
    return (
        f"{visible(side.name, 80)}: {kind}, {human_count(side.parameters)}, "
        f"{side.quantization or 'no weights'}, {human_bytes(side.size)}"
    )


def _print_metadata(found: Comparison) -> None:
    differences = found.metadata.differences
    print(f"\nmetadata: {found.metadata.same:,} entries the same, {len(differences):,} not")
    rows = [
        (visible(each.key, 60), *(_value(value) for value in (each.first, each.second)))
        for each in differences
    ]
    if rows:
        print_table(("ENTRY", "FIRST", "SECOND"), rows, right=set())


def _value(value: str | None) -> str:
    return "-" if value is None else visible(value, _CUT)


def _print_weights(weights: WeightComparison) -> None:
    count = len(weights.differences)
    print(f"\nweights: {count:,} tensors compared, {weights.identical:,} the same byte for byte")
    if count:
        whole = weights.whole
        print(f"all together: {_relative(whole.relative)} apart, cosine {_cosine(whole.cosine)}")
    for title, names in (("first", weights.only_first), ("second", weights.only_second)):
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            shown = ", ".join(visible(name, 60) for name in names[:_SHOWN])
            print(f"only in the {title}: {shown}{more}")
    for name, one, other in weights.other_shapes[:_SHOWN]:
        print(f"other shape: {visible(name, 60)}: {_shape(one)} and {_shape(other)}")
    if weights.identical == count:
        return
    rows = [
        (
            "outside layers" if layer is None else f"layer {layer}",
            _relative(apart.relative),
            _cosine(apart.cosine),
        )
        for layer, apart in weights.layers
    ]
    print_table(("WHERE", "APART", "COSINE"), rows, right={1, 2})
    print("\nfurthest apart")
    far = [each for each in weights.differences if each.apart.relative]
    far.sort(key=lambda each: each.apart.relative or 0.0, reverse=True)
    tensors = [
        (
            visible(each.name, 60),
            " to ".join(dict.fromkeys(each.types)),
            _relative(each.apart.relative),
            _cosine(each.apart.cosine),
            "-" if each.largest is None else f"{each.largest:.4g}",
        )
        for each in far[:_SHOWN]
    ]
    headings = ("TENSOR", "TYPE", "APART", "COSINE", "LARGEST CHANGE")
    print_table(headings, tensors, right={2, 3, 4})


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)


def _relative(value: float | None) -> str:
    return "-" if value is None else f"{value:.3%}"


def _cosine(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}"


def _expectation(found: Kl) -> Iterator[str]:
    yield ""
    yield (
        f"expectation: KL {found.mean.value:.4f} ± {found.mean.error:.4f} nats a token, the same "
        f"likeliest token in {found.same_top.value:.1%} of {found.model.scored:,} "
        "(on the first's answers below)"
    )


def _answers(behaviour: Behaviour) -> Iterator[str]:
    how = "in a chat" if behaviour.chat else "as text to continue"
    yield ""
    yield (
        f"answers: {behaviour.same} of {len(behaviour.pairs)} the same, asked {how}, "
        f"at most {behaviour.tokens} tokens each, the likeliest token each time"
    )
    for pair in behaviour.pairs:
        yield f"\n  {visible(pair.first.prompt, 200)}"
        if pair.same:
            yield f"    both    {_answer(pair.first.text)}"
            continue
        yield f"    first   {_answer(pair.first.text)}"
        yield f"    second  {_answer(pair.second.text)}"


def _answer(text: str) -> str:
    return visible(text.strip(), 400) or "(nothing)"
