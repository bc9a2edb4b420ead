"""The elements of Congress's two XML forms, and what each is to a reader.

`bill.dtd` is the form of bills as introduced, reported and engrossed; USLM that of enrolled bills
and laws. An element that is not named here is part of the words around it.
"""

from __future__ import annotations

from freehold.civic.bills.bill import Change

LEVELS = {
    "division": -7, "title": -6, "subtitle": -5, "chapter": -4, "subchapter": -3, "article": -3,
    "part": -2, "subpart": -1, "section": 0, "subsection": 1, "paragraph": 2,
    "subparagraph": 3, "clause": 4, "subclause": 5, "item": 6, "subitem": 7, "subsubitem": 8,
    "appropriations-major": -3, "appropriations-intermediate": -2, "appropriations-small": -1,
    "whereas": 1, "recital": 1, "level": 2,
}  # fmt: skip
LABELS = {"enum", "num"}
HEADINGS = {"header", "heading"}
QUOTED = {"quoted-block", "quotedContent"}
"""Law that the bill writes: numbered on its own."""
LEFT_OUT = {
    "metadata", "meta", "dublinCore", "toc", "toc-entry", "page", "pagebreak", "sidenote",
    "footnote", "endnote", "endorsement", "attestation", "signatures", "signature",
    "after-quoted-block", "distribution-code", "distributionCode", "editorialContent",
    "sourceCredit", "notes", "note", "sourceNote", "amendmentNote", "committeeDocStage", "slugLine",
}  # fmt: skip
RAISED = {"superscript", "sup"}
BLOCKS = {
    "text", "content", "chapeau", "continuation", "continuation-text", "p", "row", "tr", "table",
    "tgroup", "list", "list-item", "quote-block", "block", "form", "congress", "session",
    "legis-num", "current-chamber", "action", "action-date", "action-desc", "legis-type",
    "official-title", "enacting-formula", "enactingFormula", "longTitle", "officialTitle",
    "docTitle", "docNumber", "docStage", "currentChamber", "resolving-clause", "formula", "preface",
    "docPart", "enrolledDateline",
}  # fmt: skip
CELLS = {"entry", "td", "th", "column", "colspec"}
SAID_ONCE = {"legis-num", "official-title", "officialTitle", "docNumber", "docStage", "type"}
"""What the first page says of the bill."""


def change_of(element: str, attributes: dict[str, str]) -> Change | None:
    """What an element does to its words; None where it says nothing of that."""
    style = attributes.get("reported-display-style", "") + attributes.get("class", "")
    changed = attributes.get("changed", "")
    if element in ("deleted-phrase", "del") or changed == "deleted" or "strikethrough" in style:
        return Change.STRUCK
    if element in ("added-phrase", "ins") or changed == "added":
        return Change.INSERTED
    return None
