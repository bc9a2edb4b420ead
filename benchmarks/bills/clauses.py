"""Cuts a saved text into clauses: where each begins and ends, its section, its governing words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
LATER = ("fresh", "third", "fourth", "fifth")
"""Parts collected once the one before had been measured; every clause but headings is labelled."""
GAP = "[...]"
LONG = 700
MARKER = re.compile(r"\*{0,2}(\d+\.|\([A-Za-z0-9]{1,4}\))")
SECTION = re.compile(
    r"(#### |SEC\. |Sec\. \d|SECTION |Section \d|§ ?\s?\d| ?\d+-\d+-\d+\.|\d{5}(\.\d+)?\. |507-J:)"
)
INSIDE = re.compile(r"(?<=[.;:—]) (?=\([A-Za-z0-9]{1,4}\) )|(?<=\.) (?=[A-Z(])")
BEGINS = re.compile(r"\s*(\(|\d+\.\s|§|Section\s|Every |AN\s+ACT|[1-9] )")


@dataclass(frozen=True)
class Clause:
    """One clause, by where its words stand in the saved text."""

    start: int
    end: int
    section: str
    governing: str


def place(bill: str) -> Path:
    """Where the text of a bill is saved, in whichever part of the set."""
    paths = (HERE / folder / "texts" / f"{bill}.txt" for folder in ("", "held_out", *LATER))
    return next(path for path in paths if path.exists())


def read(bill: str) -> str:
    """The saved text of a bill."""
    return place(bill).read_text(encoding="utf-8")


def clauses(bill: str) -> list[Clause]:
    """Every clause of a saved text, in order."""
    text = read(bill)
    first = text.find("#### 1.")
    found: list[Clause] = []
    section = ""
    open_lists: list[tuple[str, str, str]] = []
    for start, end in _paragraphs(bill, text):
        words = text[start:end]
        if SECTION.match(words):
            section, open_lists = " ".join(words.lstrip("# ").split())[:90], []
        if words == GAP and open_lists and open_lists[-1][:2] == ("top", ""):
            open_lists = []
        marker = None if SECTION.match(words) else MARKER.match(words.lstrip("# "))
        if marker and marker[1].endswith("."):
            open_lists = [("top", " " + marker[1], "")]
        elif marker:
            open_lists = _close(open_lists, _kind(marker[1], open_lists))
            open_lists = [*open_lists, (_kind(marker[1], open_lists), marker[1], "")]
        bare = words.startswith(("#", "**")) or words == GAP
        if start >= first and not bare and len(words) >= 25:
            path = section + " " + "".join(mark for _, mark, _ in open_lists)
            governing = " / ".join(
                said for _, _, said in open_lists[: None if not marker else -1] if said
            )
            found += [Clause(a, b, path.strip(), governing) for a, b in _pieces(text, start, end)]
        if not bare and words.endswith(("—", ":", "—that", "following")) and open_lists:
            kind, mark, _ = open_lists[-1]
            open_lists[-1] = (kind, mark, words[-300:])
        elif not bare and words.endswith(("—", ":")):
            open_lists = [("top", "", words[-300:])]
    return found


def _paragraphs(bill: str, text: str) -> list[tuple[int, int]]:
    """Lines; for New York's printed lines, the lines of one paragraph together."""
    spans: list[tuple[int, int]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        start = at + line.find(body) if body else at
        at += len(line)
        if not body:
            continue
        joins = (
            bill.startswith("NY-")
            and spans
            and len(body) < 85
            and not BEGINS.match(body)
            and body != GAP
        )
        if joins and text[spans[-1][0] : spans[-1][1]] != GAP:
            spans[-1] = (spans[-1][0], start + len(body))
        else:
            spans.append((start, start + len(body)))
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """An amendment in one run, cut before its enumerated parts and after its sentences."""
    if end - start < LONG:
        return [(start, end)]
    cuts = [start, *(m.end() + start for m in INSIDE.finditer(text[start:end])), end]
    pieces: list[tuple[int, int]] = []
    for a, b in pairwise(cuts):
        if pieces and pieces[-1][1] - pieces[-1][0] < 60:
            pieces[-1] = (pieces[-1][0], b)
        else:
            pieces.append((a, b))
    return [(a, a + len(text[a:b].rstrip())) for a, b in pieces]


def _kind(mark: str, open_lists: list[tuple[str, str, str]]) -> str:
    inner = mark.strip("().")
    kinds = [kind for kind, _, _ in open_lists]
    if inner.isdigit():
        return "digit"
    deep = "upper" in kinds or "roman" in kinds or ("digit" in kinds and len(inner) > 1)
    if set(inner) <= set("ivx") and deep:
        return "roman"
    if set(inner) <= set("IVX") and ("roman" in kinds or "bigroman" in kinds):
        return "bigroman"
    if inner.islower():
        return "lower" if len(inner) == 1 else "double"
    return "upper"


def _close(open_lists: list[tuple[str, str, str]], kind: str) -> list[tuple[str, str, str]]:
    for depth, (other, _, _) in enumerate(open_lists):
        if other == kind:
            return open_lists[:depth]
    return open_lists
