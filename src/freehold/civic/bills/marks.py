"""The marks of a printed bill's parts: how sections, chapters and quotations begin."""

from __future__ import annotations

import re

OPENER = re.compile(r"(?:``|''|[“\"‘'`])\s?")
CLOSED = re.compile(r"(?:''|[”\"])\s?[.;,]*\s?(?:and|or)?\s*$")
_NUMBER = r"\d+(?:-[A-Za-z]{1,3}(?=[.\s]))?[A-Za-z]{0,3}(?:[.:–-]\d+[A-Za-z]{0,2})*"
SECTION = re.compile(
    rf"(?:NEW SECTION\.?\s*)?(?:SECTION|Section|SEC\.|Sec\.|§§?)\s*-?({_NUMBER})"
    r"(?:\.(?=\s|$|[—–-])|:(?=\s)|\s?[—–](?=\s?[A-Z])|(?=\s*$))"
)
BARE = re.compile(
    r"(?!(?:19|20)\d\d-(?:19|20)?\d\d\s)"
    r"(\d+(?:-[A-Z])?[A-Z]?(?:[.:-]\d+[A-Za-z]{0,2})+\.?|\d{3,}[A-Z]{0,2}\.)\s+(?=[A-Z(“\"\[])"
)
NEW_HAMPSHIRE = re.compile(
    r"(\d{1,2})\s+(?=(?:New|Amend|Effective|Short|Statement|[A-Z][a-z]+)\b[^.]{2,90}[.;])"
)
NEW_JERSEY = re.compile(r"(\d{1,3})\.\s+(?=[A-Z(“\"]|[a-z]\.\s)")
ARTICLES = re.compile(
    r"(?:Article|ARTICLE)\s+(\d{1,3})\b[.:]?(?:\s+(?:[–—-]\s+)?(?=[A-Z(“\"])|\s*$)"
)
CLAUSES = re.compile(r"(\d{1,3})\s+(?=[A-Z(“\"])")
"""Sections of the European Union and China, and of the United Kingdom and Canada."""
CODED = re.compile(r"\s*\[(\d+[A-Z]?\.\d+[A-Za-z]?)\]\s*")
IN_FORCE = re.compile(r"(?:\(NEW\)\s*)?\(Effective [^()]{3,60}\)\s*|\(NEW\)\s*")
"""What Connecticut prints between a section's number and its words."""
GROUP = re.compile(
    r"(?:TITLE|SUBTITLE|CHAPTER|SUBCHAPTER|ARTICLE|PART|SUBPART|DIVISION|Title|Subtitle|Chapter|Article"
    r"|Part|Division)\s+(?:[IVXLC]{1,6}|[A-Z]|\d+)[\dA-Z½¼¾.-]*(?:$|\s|[—–:.])"
)
AMENDS = re.compile(
    r"\b(?:amended|added|adding|add|enacted|inserting|insert|to\s+read|as\s+follows|the\s+following|"
    r"new\s+(?:section|subsection|chapter|article|part|title|paragraph))\b",
    re.IGNORECASE,
)
OPENS_QUOTE = re.compile(
    r"(?:following(?:\s+new\s+\w+)?|as\s+follows|to\s+read)\s?[:—–-]?\s*$", re.IGNORECASE
)
CONTENTS = re.compile(
    r"table\s+of\s+contents\b.{0,60}(?:follows|:)\s*[:.]?\s*$|^\s*TABLE\s+OF\s+CONTENTS\s*$", re.I
)
CONTENTS_LINE = re.compile(
    r"[“\"`]*\s?(?:Sec\.|Section|TITLE|Title|Subtitle|SUBTITLE|PART|Part|CHAPTER|Chapter"
    r"|DIVISION|\d+\.)\s"
)
FEDERAL = re.compile(
    r"IN THE (?:HOUSE OF REPRESENTATIVES|SENATE OF THE UNITED STATES)"
    r"|of\s+the\s+United\s+States\s+of\s+America\s+in\s+Congress\s+assembled"
)
