"""What a bill says of itself on its first page: title, number, version, state.

A copy that names none of them gets empty words, never a guess from the file's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STATES = {
    "ALABAMA": "AL", "ALASKA": "AK", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA",
    "COLORADO": "CO", "CONNECTICUT": "CT", "DELAWARE": "DE", "FLORIDA": "FL", "GEORGIA": "GA",
    "HAWAII": "HI", "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS",
    "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME", "MARYLAND": "MD", "MASSACHUSETTS": "MA",
    "MICHIGAN": "MI", "MINNESOTA": "MN", "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT",
    "NEBRASKA": "NE", "NEVADA": "NV", "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ", "NEW MEXICO": "NM",
    "NEW YORK": "NY", "NORTH CAROLINA": "NC", "NORTH DAKOTA": "ND", "OHIO": "OH", "OKLAHOMA": "OK",
    "OREGON": "OR", "PENNSYLVANIA": "PA", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC",
    "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX", "UTAH": "UT", "VERMONT": "VT",
    "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV", "WISCONSIN": "WI", "WYOMING": "WY",
}  # fmt: skip
_NAMES = "|".join(sorted(_STATES, key=len, reverse=True))
_STATE = re.compile(
    rf"(?:STATE OF|COMMONWEALTH OF|LEGISLATURE OF(?: THE)?(?: STATE OF)?|PEOPLE OF THE STATE OF|"
    rf"ASSEMBLY OF(?: THE)?(?: STATE OF| COMMONWEALTH OF)?)\s+({_NAMES})\b"
    rf"|\b({_NAMES})\s+(?:LEGISLATURE|REVISED CODE|CODE ANNOTATED|GENERAL ASSEMBLY"
    r"|REVISED STATUTES)\b"
    r"|\b(RSA)\s+\d|\b(MCA)\b|\b(REVISED CODE)\b"
)
_SHORT = {"RSA": "NH", "MCA": "MT", "REVISED CODE": "OH"}
_NUMBER = re.compile(
    r"(?:^|\s)((?:H\.\s?R\.|S\.\s?J\.\s?Res\.|H\.\s?J\.\s?Res\.|S\.|H\.\s?F\.|S\.\s?F\.|A\.|[HS]\.?\s?B\.?|"
    r"[HS]\.?\s?F\.?|A\.?\s?B\.?|S\.?\s?P\.?|L\.?\s?D\.?|CACR)\s?(?:No\.\s?)?\d{1,5}(?:-{1,2}[A-Z])?"
    r"|(?:House|Senate|Assembly)\s+(?:Bill|File)\s+(?:No\.\s?)?\d{1,5}|SB\d{2}-\d{3}|HB\d{2}-\d{4})(?=\s|$|[,.])",
    re.IGNORECASE,
)
_NEW_YORK = re.compile(r"STATE OF NEW YORK[\s_]+(\d{1,5}(?:-{1,2}[A-Z])?)\s")
_LONG_NUMBER = re.compile(
    r"(House|Senate|Assembly)\s+(Bill|File)\s+(?:No\.\s?)?(\d+)", re.IGNORECASE
)
_VERSION = re.compile(
    r"\b(Introduced|Engrossed|Enrolled|Prefiled|Reported|Chaptered|Vetoed"
    r"|As\s+Amended|Amended\s+in\s+(?:Senate|Assembly|House)|(?<=\|)\s*Amended)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:^|\n)\s*(?:A BILL TO BE ENTITLED\s+AN ACT|A BILL FOR AN ACT|A bill for an act|A BILL"
    r"|AN ACT|A bill|An act|A JOINT RESOLUTION|A Bill)\b\s*[,:]?(?:\s+entitled)?\s*"
    r"((?:.|\n(?=[a-z])){10,1500}?)(?=\n(?![a-z])|(?<=[a-z)])\.\s|\.$|;\s*and\s+providing)"
)
_TO = re.compile(
    r"(?:^|\n|\s)(A\s?n?\s+(?:ACT|BILL)\s+(?:to|relating|concerning|for)\b(?:.|\n(?-i:(?=[a-z]))){5,1200}?)(?=\n(?-i:(?![a-z])))",
    re.I,
)


@dataclass(frozen=True)
class About:
    """What the first page says."""

    title: str = ""
    number: str = ""
    version: str = ""
    jurisdiction: str = ""


def about(text: str) -> About:
    """Read the first page, as far as the first section and no farther."""
    first = re.search(
        r"(?:^|\n)\s*(?:NEW SECTION\.\s*)?(?:SECTION|SEC\.|Section|§|1\.)\s*1\b", text[:20000]
    )
    head = text[: first.start() + 400 if first else 3000]
    lead = text[: first.start()] if first and first.start() > 20 else head
    jurisdiction = _jurisdiction(head)
    return About(_title(lead), _number(lead), _version(lead, jurisdiction), jurisdiction)


def _jurisdiction(head: str) -> str:
    flat = " ".join(head.split())
    federal = re.search(
        r"\d(?:st|nd|rd|d|th) CONGRESS|OF THE UNITED STATES OF AMERICA"
        r"|IN THE SENATE OF THE UNITED STATES",
        flat,
        re.IGNORECASE,
    )
    if federal:
        return "US"
    found = _STATE.search(flat.upper())
    if not found:
        return ""
    name = next(group for group in found.groups() if group)
    return _SHORT.get(name) or _STATES[name]


def _number(lead: str) -> str:
    if found := _LONG_NUMBER.search(lead):
        letters = {"house": "H", "senate": "S", "assembly": "A"}[found[1].lower()]
        return f"{letters}{'B' if found[2].lower() == 'bill' else 'F'} {found[3]}"
    if found := _NEW_YORK.search(lead):
        chamber = "S" if "SENATE" in lead else "A"
        return f"{chamber} {found[1]}"
    found = _NUMBER.search(lead)
    if not found:
        return ""
    words = re.sub(r"\s*No\.\s*", " ", " ".join(found[1].split()))
    letters, _, digits = words.rpartition(" ")
    return f"{letters.replace('.', '')} {digits}" if letters in ("H.B.", "S.B.", "A.B.") else words


def _version(lead: str, jurisdiction: str) -> str:
    flat = " ".join(lead.split())
    if jurisdiction == "US" and re.search(r"Begun and held at the City of Washington", flat):
        return "Enrolled"
    letter = re.search(r"\d--?([A-Z])\b", flat)
    if letter and jurisdiction == "NY":
        return f"Amended ({letter[1]})"
    found = _VERSION.search("|".join(lead.splitlines()))
    if not found:
        return ""
    word = found[1].strip().lower()
    return "Amended" if "amended" in word else word.capitalize()


def _title(lead: str) -> str:
    found = _TITLE.search(lead) or _TO.search(lead)
    return " ".join(found[1].split()).rstrip(".;,") if found else ""
