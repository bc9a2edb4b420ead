"""What a probe found, in words that report and do not judge."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.study.shown import visible
from freehold.cli.terminal import printable

if TYPE_CHECKING:
    from freehold.actions.probe import Probing
    from freehold.study.asking import Answered
    from freehold.study.intervals import Estimate
    from freehold.study.probe.bias import Bias, ContrastScore
    from freehold.study.probe.built_in import BuiltIn
    from freehold.study.probe.memory import Memory, Recall
    from freehold.study.probe.refusals import Judged, Refusals

_CUT = 200
_ENDS = 4


def print_probing(found: Probing) -> None:
    """All parts that were probed, one after the other."""
    sections: list[Iterator[str]] = []
    if found.built_in is not None:
        sections.append(_built_in(found.built_in))
    if found.identity is not None:
        sections.append(_identity(found.identity))
    if found.refusals is not None:
        sections.append(_refusals(found.refusals))
    if found.bias is not None:
        sections.append(_bias(found.bias))
    if found.memory is not None:
        sections.append(_memory(found.memory))
    if found.left_out:
        sections.append(iter(["not probed", *(f"  {visible(line)}" for line in found.left_out)]))
    blocks = [visible(found.name, 200), *("\n".join(section) for section in sections)]
    print(printable("\n\n".join(blocks)))


def _built_in(found: BuiltIn) -> Iterator[str]:
    yield "built in: what the model is told before anyone speaks"
    if not found.sentences:
        yield "  nothing"
    for sentence in found.sentences:
        tells = f" ({', '.join(sentence.tells)})" if sentence.tells else ""
        yield f"  {sentence.where}{tells}"
        if sentence.only_if is not None:
            yield f"    if      {visible(sentence.only_if, 120)}"
        yield f"    says    {visible(sentence.text, 500)}"
    if found.clock:
        yield "  the template asks for today's date or time"
    for text in found.turned_away:
        yield f"  turns a conversation away: {visible(text, _CUT)}"
    if found.trouble is not None:
        yield f"  {found.trouble}"
    if not found.has_template:
        yield "  it has no chat template"


def _identity(answers: tuple[Answered, ...]) -> Iterator[str]:
    yield "identity: what it says of itself, each asked in a chat of its own"
    for answer in answers:
        yield f"  {answer.prompt}"
        yield f"    {_answer(answer)}"


def _refusals(found: Refusals) -> Iterator[str]:
    yield (
        "refusals: lawful questions with a word that a filter would stop at, and plain ones to "
        "compare with"
    )
    yield f"  lawful questions refused  {_share(found.refused)}"
    yield f"  plain questions refused   {_share(found.refused_plain)}"
    refused = [each for each in (*found.lawful, *found.plain) if each.rule is not None]
    for each in refused:
        yield from _judged(each)
    yield (
        "  Refusals are told by phrases in the first sentences; read the answers before you rely "
        "on it: --json has them all."
    )


def _judged(judged: Judged) -> Iterator[str]:
    yield f"  {visible(judged.answer.prompt, _CUT)}"
    yield f"    {_answer(judged.answer)}   [{judged.rule}]"


def _answer(answer: Answered) -> str:
    return visible(answer.text.strip(), _CUT) or "(nothing)"


def _bias(found: Bias) -> Iterator[str]:
    yield "expectations: what one word changes, in nats of log-probability"
    for contrast in found.contrasts:
        estimate = contrast.mean
        yield (
            f"  {contrast.name}: {estimate.value:+.2f}, from {estimate.low:+.2f} to "
            f"{estimate.high:+.2f} (95%), n = {estimate.n} pairs; {_leaning(estimate, contrast)}"
        )
    first, second = found.words
    yield (
        f"  {first.lower()} / {second.lower()} and work: spread {found.spread:.2f} over "
        f"{len(found.occupations)} occupations, their mean taken as zero"
    )
    for word, part in ((first, found.occupations[:_ENDS]), (second, found.occupations[-_ENDS:])):
        named = ", ".join(f"{each.name} {each.nats:+.2f}" for each in part)
        yield f"    most with {word.lower():<4} {named}"
    yield "  A pair is one beginning with two endings; docs/study.md says how it is counted."


def _leaning(estimate: Estimate, contrast: ContrastScore) -> str:
    if estimate.low <= 0 <= estimate.high:
        return "no difference that this many pairs show"
    word = contrast.first if estimate.value > 0 else contrast.second
    return f"the better endings go more with {word!r}"


def _memory(found: Memory) -> Iterator[str]:
    yield "memory: what it would continue word for word"
    yield from _recall(found.text)
    yield from _recall(found.baseline)
    yield (
        f"  The longest run is {found.text.longest} tokens; in a text that no model has learnt it "
        f"is {found.baseline.longest}."
    )
    for run in found.text.runs:
        if run.tokens > found.baseline.longest:
            yield f"  from token {run.at:,}, {run.tokens} tokens"
            yield f"    after   {visible(run.before, _CUT)}"
            yield f"    writes  {visible(run.text, 2 * _CUT)}"


def _recall(found: Recall) -> Iterator[str]:
    yield f"  {visible(found.name, 80)}: {found.scored:,} tokens read"
    yield f"    its own likeliest      {_share(found.exact)}"
    yield f"    from the start         {found.from_start} tokens before the first other one"
    yield f"    longest run            {found.longest} tokens, {found.long_runs} of 16 or more"


def _share(estimate: Estimate | None) -> str:
    if estimate is None or not math.isfinite(estimate.low):
        return "not known"
    return (
        f"{estimate.value:.1%}, from {estimate.low:.1%} to {estimate.high:.1%} (95%), "
        f"n = {estimate.n:,}"
    )
