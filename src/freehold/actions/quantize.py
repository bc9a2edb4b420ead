"""Quantize a model: round its weights to fewer bits, measure what that cost, own the result.

What was made is held against the model that it was made from, over a text, before it counts as
owned. Where several are tried, one is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from freehold.actions.making import Made, check_name, own_written, parents_of
from freehold.actions.quantize_bench import QuantizeBench, called
from freehold.actions.quantize_search import Candidate, best_within, smallest_within
from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.importance import Weighed, Weighing
    from freehold.actions.merge import Measuring
    from freehold.actions.modify_sources import Source
    from freehold.formats.gguf import GgufHeader
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store
    from freehold.study.quality import Quality


USUAL = MappingProxyType(
    {
        "F32": 0.0003, "BF16": 0.0003, "F16": 0.0003, "Q8_0": 0.002, "Q6_K": 0.01, "Q5_K_M": 0.15,
        "Q5_K_S": 0.2, "Q5_1": 0.2, "Q5_0": 0.15, "Q4_K_M": 0.2, "Q4_K_S": 0.25, "Q4_1": 0.4,
        "Q4_0": 0.5, "IQ4_NL": 0.4, "IQ4_XS": 0.4, "Q3_K_L": 0.5, "Q3_K_M": 0.6, "Q3_K_S": 0.8,
        "Q2_K": 1.5, "Q2_K_S": 2.0,
    }
)  # fmt: skip
"""The mean KL, in nats a token, up to which a quantization does what is to be expected of it: about
twice what it cost models of 135 and 270 million parameters. Larger ones lose less by far."""


@dataclass(frozen=True)
class Wish:
    """What is to be made: one by its name, or what measuring finds."""

    mix: str | None = None
    size: int | None = None
    """Bytes that the file may have."""
    most: float | None = None
    """The highest mean KL that is kept, in nats a token."""

    def __post_init__(self) -> None:
        if self.mix is None and self.size is None and self.most is None:
            raise UsageError(
                "Say what to make.", "--to Q4_K_M, say, or --target-size 4GB, or --max-kl 0.05."
            )


@dataclass(frozen=True)
class Quantized:
    """What was made, and what it cost."""

    model: OwnedModel
    kept: Candidate
    quality: Quality | None
    """All that were tried, against the model that they were made from; None: not measured."""
    weighed: str | None
    """Where the importance comes from, in words; None: there is none."""
    before: str | None
    """What the weights were quantized to before, if they were."""

    @property
    def usual(self) -> float | None:
        """The most that this quantization usually costs; None: not measured."""
        return None if self.kept.cost is None else USUAL[self.kept.mix]

    @property
    def worse(self) -> bool:
        """Whether it cost more than one would expect."""
        return self.usual is not None and self.kept.kl > self.usual


def quantize_model(
    store: Store,
    base: Source,
    name: str | None,
    wish: Wish,
    weighing: Weighing | None,
    measuring: Measuring | None,
    progress: Progress = SILENT,
) -> Quantized:
    """Own `base` quantized, called `name` or after its type. `measuring` None: unmeasured.

    Raises UsageError for what cannot be made or is further off than was allowed, UnsupportedModel
    where it cannot be measured, NotEnoughSpace.
    """
    from freehold.actions.importance import find_importance
    from freehold.formats.gguf import read_header
    from freehold.modify.mixes import check_quantizable

    header = read_header(base.path)
    check_quantizable(header, base.name)
    _check_wish(base, header, wish, weighed=weighing is not None)
    if name is not None or wish.mix is not None:
        name = check_name(store, name or called(base, wish.mix or ""))
    with store.staging(f"quantized from {base.sha256}") as staging:
        try:
            weighed = None if weighing is None else find_importance(base, weighing, progress)
            with QuantizeBench(store, base, staging, weighed, measuring, progress) as bench:
                kept = _chosen(bench, base, wish, measured=measuring is not None)
                quality = bench.quality
            parents = parents_of([base], "quantized", _detail(kept.mix, weighed))
            made = Made(name or called(base, kept.mix), parents, like=base.owned)
            model = own_written(store, made, kept.path, progress)
        finally:
            staging.discard()
    return Quantized(
        model, kept, quality, None if weighed is None else weighed.said, _before(header, kept.mix)
    )


def _chosen(bench: QuantizeBench, base: Source, wish: Wish, *, measured: bool) -> Candidate:
    if wish.mix is not None:
        kept = bench.make(wish.mix)
    elif wish.size is not None:
        kept = best_within(bench, wish.size, measured=measured)
    else:
        return smallest_within(bench, wish.most or 0.0)
    if wish.most is not None and kept.kl > wish.most:
        raise UsageError(
            f"{kept.mix} lies {kept.kl:.4f} nats a token from {base.name}, more than the "
            f"{wish.most:g} allowed: nothing was kept.",
            "--max-kl without --to finds the smallest that is close enough.",
        )
    return kept


def _check_wish(base: Source, header: GgufHeader, wish: Wish, *, weighed: bool) -> None:
    """Raise UsageError for what would change nothing, or cannot be made so."""
    from freehold.modify.mixes import NEEDS_IMPORTANCE, changed, mixed

    if wish.mix is None:
        if wish.size is not None and header.file_size <= wish.size:
            raise UsageError(
                f"{base.name} has {human_bytes(header.file_size)}: it fits already.",
                "Give a smaller --target-size, or --to TYPE.",
            )
        return
    if wish.mix in NEEDS_IMPORTANCE and not weighed:
        raise UsageError(
            f"{wish.mix} is only any good with importance.", "Give a text: --importance FILE"
        )
    if not any(changed(header, mixed(header, wish.mix, weighed=weighed))):
        raise UsageError(
            f"{base.name} is {wish.mix} already: no weight would change.",
            "Choose another --to, or copy it under another name: freehold modify edit.",
        )


def _before(header: GgufHeader, mix: str) -> str | None:
    """What those weights that get another type were quantized to before, if they were."""
    from freehold.formats.gguf_facts import read_facts
    from freehold.modify.mixes import changed, mixed

    if all(each.type.elements == 1 for each in changed(header, mixed(header, mix))):
        return None
    return read_facts(header).weights.quantization


def _detail(mix: str, weighed: Weighed | None) -> str:
    return f"to {mix}" + ("" if weighed is None else f", by {weighed.said}")
