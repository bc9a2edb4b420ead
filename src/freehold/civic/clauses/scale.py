"""How far a threshold is from one machine: what a month of its computing comes to."""

from __future__ import annotations

import math
from dataclasses import dataclass

from freehold.civic.clauses.finding import Threshold

MONTH = 30 * 24 * 3600
"""Seconds of training without a pause that a machine is judged by."""
ASSUMED = 1e12
"""Operations a second that a laptop is taken to do where this one was never measured."""


@dataclass(frozen=True)
class Machine:
    """What a machine can compute."""

    operations: float = ASSUMED
    """Operations a second."""
    measured: bool = False
    """Whether that was measured here, and is not assumed."""


def in_words(threshold: Threshold, machine: Machine) -> str:
    """A threshold, and where this machine stands to it."""
    said = f"{_amount(threshold.amount)} {threshold.quantity}"
    if threshold.quantity != "operations":
        return f"from {said}"
    month = machine.operations * MONTH
    apart = math.log10(threshold.amount / month)
    how = "measured" if machine.measured else "assumed: nothing was measured here"
    basis = f"at {machine.operations:.1e} operations a second ({how})"
    if apart < 0:
        days = threshold.amount / machine.operations / 86400
        return f"from {said}: this machine could do that in {days:,.1f} days, {basis}"
    orders = math.floor(apart)
    far = (
        f"{orders} order{'' if orders == 1 else 's'} of magnitude below" if orders else "just below"
    )
    return f"from {said}: 30 days of this machine are {far}, {basis}"


def _amount(amount: float) -> str:
    """`10^26`, `$500,000,000`'s figure, `1 billion`."""
    power = math.log10(amount) if amount > 0 else 0.0
    if amount >= 1e15:
        whole = math.floor(power + 1e-9)
        lead = amount / 10.0**whole
        return f"10^{whole}" if abs(lead - 1) < 1e-6 else f"{lead:g} x 10^{whole}"
    return f"{amount:,.0f}"
