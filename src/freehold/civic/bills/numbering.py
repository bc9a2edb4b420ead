"""How a bill numbers its sections where no word says that they are sections.

New Hampshire prints `3 New Section; …`, New Jersey `3. a. …`, the European Union and China
`Article 3`, the United Kingdom and Canada `3 …` or `3 (1) …`.
"""

from __future__ import annotations

import re
from itertools import pairwise

from freehold.civic.bills.marks import ARTICLES, CLAUSES, NEW_HAMPSHIRE, NEW_JERSEY, SECTION
from freehold.civic.bills.paragraphs import Paragraph


def numbering(text: str, paragraphs: list[Paragraph]) -> re.Pattern[str] | None:
    """How sections are numbered where no word says that they are one; None: a word does."""
    head = " ".join(text[:6000].split())
    if "General Court convened" in head:
        return NEW_HAMPSHIRE
    if "State of New Jersey" in head:
        return NEW_JERSEY
    if any(SECTION.match(text, each.start, each.end) for each in paragraphs):
        return None
    for form in (ARTICLES, CLAUSES):
        found = (form.match(text, each.start, each.end) for each in paragraphs)
        numbers = [int(each[1]) for each in found if each]
        steps = [after - before for before, after in pairwise([0, *numbers])]
        # an excerpt may begin at any article and leave some out
        rises = form is ARTICLES and len(steps) >= 3 and min(steps) > 0
        if rises or steps.count(1) >= 3:
            return form
    return None
