"""How the cost of a quantization that was made is shown, the bad news first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.cli.study.quality_view import document, print_quality
from freehold.cli.terminal import printable

if TYPE_CHECKING:
    from freehold.actions.merge import Measuring
    from freehold.actions.quantize import Quantized


def print_quantized(made: Quantized, measuring: Measuring | None) -> None:
    """The verdict, what was lost before, and the table of all that were tried."""
    print(printable(verdict(made)))
    if made.before is not None:
        print(printable(_requantized(made.before)))
    if made.quality is not None and measuring is not None:
        print()
        print_quality(made.quality, measuring.text)
        print()


def verdict(made: Quantized) -> str:
    """One sentence."""
    mix, kl, usual = made.kept.mix, made.kept.kl, made.usual
    if usual is None:
        return f"Not measured: what {mix} cost this model is not known."
    if made.worse:
        return (
            f"WORSE than {mix} usually is: KL {kl:.4f}, where at most {usual:g} is usual. "
            "Give --importance a text, or choose a larger type."
        )
    return f"{mix} costs this model no more than is usual: KL {kl:.4f}, and up to {usual:g} is."


def figures(made: Quantized, measuring: Measuring | None) -> dict[str, Any]:
    """What goes into the JSON."""
    measured = None
    if made.quality is not None and measuring is not None:
        measured = {
            "kl": made.kept.kl,
            "usual_kl": made.usual,
            "worse": made.worse,
            "quality": document(made.quality, measuring.text),
        }
    return {
        "quantization": made.kept.mix,
        "importance": made.weighed,
        "quantized_before": made.before,
        "measured": measured,
    }


def _requantized(before: str) -> str:
    return (
        f"It was quantized before, to {before}: what that lost stays lost, and is not in these "
        "figures. From F16 or BF16 the same type would be closer to the original."
    )
