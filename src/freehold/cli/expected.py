"""What an answer was expected to take, beside what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.device.estimates import Basis, Rate

if TYPE_CHECKING:
    from freehold.actions.learning import Learner
    from freehold.engine.interface import Usage

_NONE = "[nothing to compare with: freehold device --calibrate measures this machine once]"


def expected_line(learner: Learner, usage: Usage) -> str:
    """The prediction as one line for a person."""
    estimate = learner.predicted(usage)
    if estimate is None:
        return _NONE
    return (
        f"[predicted: prompt {_words(estimate.prefill, 0)} | answer {_words(estimate.decode, 1)}]"
    )


def expected_figures(learner: Learner, usage: Usage) -> dict[str, object] | None:
    """The prediction for `--json`; None where nothing was measured."""
    estimate = learner.predicted(usage)
    if estimate is None:
        return None
    return {
        "prompt_tokens_per_second": _figures(estimate.prefill),
        "answer_tokens_per_second": _figures(estimate.decode),
    }


def _words(rate: Rate, digits: int) -> str:
    numbers = f"{rate.expected:.{digits}f} tokens/s ({rate.low:.{digits}f}-{rate.high:.{digits}f}"
    if rate.basis is not Basis.MEASURED:
        return f"{numbers}, from the calibration)"
    return f"{numbers}, from {rate.runs} {'run' if rate.runs == 1 else 'runs'})"


def _figures(rate: Rate) -> dict[str, object]:
    return {
        "expected": rate.expected,
        "low": rate.low,
        "high": rate.high,
        "basis": str(rate.basis),
        "runs": rate.runs,
    }
