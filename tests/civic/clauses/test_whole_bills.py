"""Whole bills of our own in the forms of a state, of Congress and of a law on a trade's conduct."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.civic.clauses.small_bill import report_of

from freehold.civic.clauses.finding import Label

RED_LINES = {
    "state": {
        "§ 1 → § 1501(1)": "licence",
        "§ 1 → § 1502": "licence",
        "§ 1 → § 1503": "shutdown",
        "§ 1 → § 1505": "licence",
    },
    "federal": {
        "§ 2(a)(1)": "registration",
        "§ 2(a)(3)": "certified-only",
        "§ 2(b)": "registration",
        "§ 4(b)": "shutdown",
    },
    "conduct": {"§ 1 → § 560.004(b)": "registration"},
}
PROTECTIONS = {"state": set(), "federal": {"§ 2(c)", "§ 5(1)"}, "conduct": set()}
USES = {"state": {"§ 1 → § 1504"}, "federal": set(), "conduct": {"§ 1 → § 560.003"}}


@pytest.mark.parametrize("name", RED_LINES)
def test_what_is_found_and_nothing_else(name: str) -> None:
    path = Path(__file__).parent / "bills" / f"{name}.txt"
    report = report_of(path.read_text(encoding="utf-8"))
    assert {each.path: each.red_line for each in report.red_lines} == RED_LINES[name]
    assert {each.path for each in report.of(Label.PROTECTS)} == PROTECTIONS[name]
    assert USES[name] <= {each.path for each in report.of(Label.USE)}
    assert report.dropped == 0


def test_an_exception_is_told_beside_the_ban_it_lifts() -> None:
    path = Path(__file__).parent / "bills" / "federal.txt"
    report = report_of(path.read_text(encoding="utf-8"))
    (ban,) = (each for each in report.red_lines if each.path == "§ 2(b)")
    assert [(each.whom, each.path) for each in ban.lifts] == [("open models", "§ 2(c)")]
    assert ban.quote.endswith("(2) the certificate of safety is in force.")
