"""Clauses that are as strict as others: bans that point, penalties that name, registers twice."""

from __future__ import annotations

from tests.civic.clauses.small_bill import report_of

from freehold.civic.clauses.finding import Label, RedLine

HEAD = """\
A BILL
To regulate artificial intelligence models.
SECTION 1. DEFINITION.
In this Act, the term "covered model" means an artificial intelligence model.
SEC. 2. MODELS.
"""


def classes(text: str) -> dict[str, tuple[Label, RedLine | None]]:
    found = report_of(HEAD + text).findings
    return {each.path: (each.label, each.red_line) for each in found}


def test_a_penalty_names_a_ban_that_itself_points_at_another_clause() -> None:
    found = classes("""\
(a) A developer shall register each covered model with the Commission.
(b) No person may deploy a covered model unless the developer is in compliance with subsection (a).
(c) A person that deploys a covered model in violation of subsection (b) shall be liable for a \
civil penalty of $1,000.
(d) A person that violates section 9 shall be liable for a civil penalty of $1,000.
""")
    red = (Label.RESTRICTS_TOOL, RedLine.REGISTRATION)
    assert [found[f"§ 2({letter})"] for letter in "abc"] == [red] * 3
    assert found["§ 2(d)"][0] is Label.NEUTRAL


def test_a_pointer_inside_law_that_a_bill_writes_means_that_law() -> None:
    found = classes("""\
(a) The Machines Act is amended by adding at the end the following:
"Section 9. Models.
(a) No person may deploy a covered model without a license issued by the Commission.
(b) Any person determined to have deployed a covered model in violation of subsection (a) shall \
be subject to imprisonment for not more than 10 years.".
""")
    (penalty,) = (path for path in found if path.endswith("§ 9(b)"))
    assert found[penalty] == (Label.RESTRICTS_TOOL, RedLine.LICENCE)


def test_a_register_is_one_red_line_however_often_its_upkeep_is_told() -> None:
    found = classes("""\
(a) The department shall establish a registry of businesses operating covered models.
(b) The department shall maintain a searchable database of businesses operating covered models.
""")
    assert found["§ 2(a)"] == (Label.RESTRICTS_TOOL, RedLine.REGISTRATION)
    assert found["§ 2(b)"][0] is Label.NEUTRAL
