"""The verbs of law as patterns: what forbids, what demands, what allows."""

from __future__ import annotations

import re

_NOBODY = (
    r"(?<!with )(?<!has )(?<!have )(?<!having )(?<!is )(?<!are )\bno(?! (?:later|less|more|fewer"
    r"|longer|sooner|earlier|event|way|case)\b)"
    r" (?P<nobody>[^.;:]{1,240}?)\b(?:shall|may|must|can|is permitted to|(?:is|are) to be)\b"
)
"""`No person may …`: whom it binds stands within."""
_UNLAWFUL = (
    r"\b(?:is|are|shall be|be)(?: hereby)? "
    r"(?:unlawful|illegal|prohibited|forbidden|barred|a violation|an offen[cs]e|a crime|void"
    r"|denied entry|disallowed)(?: \w+ly)?(?: for (?P<for>[^.;:]{1,160}?) to\b| (?:to|from)\b"
    r"|(?=[ ,.;:—]|$))"
)
_CRIME = (
    r"\b(?:is|shall be|constitutes) an? (?:\w+ ){0,3}?"
    r"(?:felony|misdemeanou?r|offen[cs]e|crime|infraction"
    r"|(?:unlawful|prohibited|discriminatory|deceptive) (?:\w+ ){0,3}?(?:practice|act))"
    r":?(?: (?:\(\w{1,4}\) |\d\. )?for (?P<felon>[^.;:]{1,160}?))? to\b"
)
_BANS = (
    r"\b(?:nobody|no one|none)(?: [^.;:,]{1,80})? (?:shall|may|must|can)\b",
    r"\b(?:shall|may|must|can|will|should)(?: \w+ly)? not(?! be construed)\b",
    r"\bneither may\b",
    _UNLAWFUL,
    _CRIME,
    r"\b(?:shall|must) (?:refrain|abstain|desist) from\b",
    r"\b(?:shall|must) (?:cease|stop|halt)\b",
    r"\bcommits an? (?:\w+ ){0,3}?(?:offen[cs]e|crime|violation|misdemeanou?r|felony|infraction)\b",
    (
        r"\b(?:is|shall be|constitutes) an? (?:\w+ ){0,3}?(?:felony|misdemeanou?r|offen[cs]e|crime"
        r"|infraction)\b"
    ),
    r"\b(?:is|shall be) guilty of\b",
    r"\b(?:shall be|is|are) liable (?:for|to) an? (?:\w+ ){0,2}?(?:penalty|fine)\b",
    r"\b(?:shall be|is|are) (?:punish\w+|fined|imprisoned)\b",
    r"\b(?:shall be|is|are) subject to an? (?:\w+ ){0,2}(?:fine|penalty)\b",
    r"\b(?:may|shall) only\b",
    r"\b(?:is|are) (?:not (?:allowed|permitted)|reserved (?:to|for)|contraband)\b",
    r"\bneither\b[^.;]{1,120}?\bnor\b[^.;]{1,120}?\b(?:shall|may)\b",
)
_DUTIES = (
    r"\bshall\b",
    r"\bmust\b",
    r"\bshould\b",
    r"\bwould (?:be required|need|have) to\b",
    r"\b(?:is|are|be) (?:required|obliged|bound) to\b",
    r"\b(?:is|are) to be\b",
    r"\bha(?:s|ve) a duty to\b",
)
_MAYS = (r"\bmay\b(?! \d)", r"\b(?:is|are) (?:authorized|permitted|entitled|empowered) to\b")

FORCES = re.compile(
    f"{_NOBODY}|(?P<ban>{'|'.join(_BANS)})|(?P<duty>{'|'.join(_DUTIES)})|(?P<may>{'|'.join(_MAYS)})"
)
"""The first in a sentence decides, with its group: nobody, ban, duty, may."""

REFRAINS = re.compile(r"\s*(?:\(\w{1,4}\) ?)*(?:not\b|(?:refrain|abstain|desist) from\b)")
"""An item that turns the duty above it into a ban."""
OPENING = re.compile(r"^\s*(?:\([a-z0-9]{1,4}\)\s*|[ivx]+\.\s*|\d+\.\s*)*")
"""Numbers of items."""
LEAD = re.compile(
    r"[\s—:,-]*"
    r"(?:(?:within|not later than|no later than|on or before|upon|before|prior to|at least|by|after"
    r"|with respect to|in consultation with|in accordance with|subject to|notwithstanding)\b"
    r"[^,—:]{0,120}(?:, |[—:] ?)(?:(?:or )?\w+ing\b[^,—:]{0,60}, )*)?(?:also )?(?:have (?:the"
    r" )?(?:authority|power) to )?"
    r"(?:do (?:all|any|each|both|one or more) of the following[\s—:,-]*)?(?:\(\w{1,4}\) ?)*"
)
"""What may stand between the verb of law and what is to be done."""
LEADING_VERB = re.compile(
    r"^\s*(?:\w+ly )?(?:implement|obtain|register|submit|participate|maintain|ensure|provide|apply"
    r"|retain|conduct|publish|take|assess|require|include|establish|develop|disclose|notify|report"
    r"|verify|request|build|install|allow|enable|grant|prevent|prohibit|refrain)\b"
)
"""How an item begins whose words above are out of sight."""
