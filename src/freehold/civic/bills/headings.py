"""Where the heading of a piece ends and its words begin."""

from __future__ import annotations

import re

_DASH = re.compile(r"[.:]?\s?(?:\.[—–]|\.\s?--|\.-(?=[A-Z])|—(?=[A-Z])|\.\s?[—–])\s*")
_FIRST_SENTENCE = re.compile(r"[^.;:]{2,140}?[.](?=\s+[“\"‘'(\[]?[A-Z0-9(])")
_LISTED = re.compile(r"[^.:]{2,140}?;[^.:]{2,140}?[.](?=\s+[“\"(]?[A-Z])")
_VERB = re.compile(
    r"\b(?:shall|may|must|means|mean|is|are|was|has|have|had|be|apply|applies|takes?|amended|will|"
    r"does|do|includes?|constitutes?|requires?|provides?|establishes|enters?|repealed|added)\b"
)
_STARTERS = re.compile(
    r"(?:"
    r"The|A|An|In|It|Not|Any|Each|Such|Except|Nothing|If|Notwithstanding|No|Subject|This|These|For|"
    r"Subparagraph|Subparagraphs|Paragraph|Paragraphs|Subsection|Subsections|Section|On|With|To|All|"
    r"Every|When|Where|Whenever|Upon|Unless|As|Within|Beginning|Before|After|At|By|There|Congress|"
    r"Under|Of|Whoever|During|Prior|Without|Until|Other|Neither|Unlawful|Clause|Clauses|One|"
    r"Regardless|Consistent|Compliance"
    r"),?"
)
_NEVER_FIRST = re.compile(
    r"(?:"
    r"The|A|An|Such|Each|It|Not|Nothing|If|Except|Notwithstanding|Any|This|These|Subject|Whoever|"
    r"Every|There|Whenever|Upon|Unless"
    r")"
)
_WORD = re.compile(r"\S+")


def heading_end(text: str, start: int, end: int) -> int:
    """Where the heading ends that a printed piece begins with; `start` where it has none."""
    stop = min(end, start + 200)
    dash = _DASH.search(text, start, stop)
    if dash and _is_heading(text[start : dash.start()], 24):
        return dash.end()
    sentence = _FIRST_SENTENCE.match(text, start, stop)
    if sentence and _is_heading(sentence[0], 14):
        return sentence.end()
    return start


def section_heading_end(text: str, start: int, end: int) -> int:
    """The same for a section, whose heading may fill its whole paragraph."""
    words = text[start:end]
    if words.isupper() and len(words) < 400 and not (_VERB.search(words.lower()) and ". " in words):
        return end
    capitals = re.match(r"[^a-z]{3,300}?[.](?=\s+[“\"‘'(\[]?[A-Z0-9(])", words)
    if capitals and sum(map(str.isalpha, capitals[0])) > 2:
        return start + capitals.end()
    listed = _LISTED.match(text, start, end)
    if listed and _is_heading(listed[0], 14):
        return listed.end()
    found = heading_end(text, start, end)
    if found > start:
        return found
    first = (words.split() or [""])[0]
    is_short = (
        len(words.split()) <= 30 and words[:1].isupper() and not _NEVER_FIRST.fullmatch(first)
    )
    is_short = is_short and not words.rstrip().endswith((":", "—"))
    return end if is_short and not _VERB.search(words) else start


def run_on_heading_end(text: str, start: int, end: int) -> int:
    """Where a heading ends that no mark divides from its words: `Minor The term minor means …`."""
    if end - start < 2 or not text[start].isupper():
        return start
    limit = min(end, start + 260)
    for place, word in enumerate(_WORD.finditer(text, start, limit)):
        bare = word[0]
        if place == 0 and _NEVER_FIRST.fullmatch(bare):
            return start
        if place and _STARTERS.fullmatch(bare):
            return word.start() if _is_heading(text[start : word.start()], 30) else start
        if bare.startswith("(") and place and not bare.endswith((")", "),")):
            return start
        if bare.endswith((".", ":", "?", "—")) or "—" in bare:
            return start
    whole = (
        limit == end
        and _is_heading(text[start:end], 30)
        and not text[start:end].rstrip().endswith((";", ".", ",", "and", "or"))
    )
    return end if whole else start


def _is_heading(words: str, most: int) -> bool:
    count = len(words.split())
    return 0 < count <= most and words[:1].isupper() and not _VERB.search(words)
