"""What follows from other clauses: bans that point at a provision, registers set up twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.civic.clauses.finding import Label, RedLine

if TYPE_CHECKING:
    from freehold.civic.clauses.judging import Judged

_REGISTERS = ("authority_demands", "register_kept")
"""The rules that know an authority's register by its upkeep."""
_LABELS = re.compile(r"\(\w{1,5}\)")
_WHOLE = re.compile(r"this (?:act|chapter|article|title|part|subchapter)")
_SECTION = re.compile(r"\bsection (\d[\w.\-:]*)")


def follow_links(judged: list[Judged]) -> list[Judged]:
    """`Unless in compliance with subsection (a)` is the red line that subsection (a) is."""
    red = _of(judged, Label.RESTRICTS_TOOL)
    judged = [
        _followed(each, red) if each.verdict.depends_on and not each.verdict.penalty else each
        for each in judged
    ]
    red, use = _of(judged, Label.RESTRICTS_TOOL), _of(judged, Label.USE)
    return [_punishing(each, red, use) if each.verdict.penalty else each for each in judged]


def _of(judged: list[Judged], label: Label) -> list[Judged]:
    return [each for each in judged if each.verdict.label is label]


def _punishing(each: Judged, red: list[Judged], use: list[Judged]) -> Judged:
    """A penalty that names what it punishes by number: use, if that is use and no red line."""
    targets = [_target(each.block.path, pointer) for pointer in each.verdict.depends_on]

    def any_of(others: list[Judged]) -> bool:
        return any(_under(other.block.path, target) for other in others for target in targets)

    broken = next((o for o in red for target in targets if _under(o.block.path, target)), None)
    if broken is not None and each.verdict.names_act:
        because = f"It punishes by name what {broken.block.path} forbids, a red line."
        return replace(
            each,
            verdict=replace(
                each.verdict,
                label=Label.RESTRICTS_TOOL,
                red_line=broken.verdict.red_line,
                because=because,
            ),
        )
    if broken is not None or not any_of(use):
        return each
    because = "It punishes what the provisions it names forbid, which is harm."
    return replace(each, verdict=replace(each.verdict, label=Label.USE, because=because))


def _followed(each: Judged, red: list[Judged]) -> Judged:
    for pointer in each.verdict.depends_on:
        target = _target(each.block.path, pointer)
        for other in red:
            if other is not each and _under(other.block.path, target):
                because = (
                    f"It may be done only in keeping with {other.block.path}, a red line itself."
                )
                return replace(
                    each,
                    verdict=replace(
                        each.verdict,
                        label=Label.RESTRICTS_TOOL,
                        because=because,
                        unsure=(),
                        red_line=other.verdict.red_line,
                    ),
                )
    return each


def _target(path: str, pointer: str) -> str:
    """The path that `subsection (a)` or `section 4(b)` means, seen from `path`."""
    if _WHOLE.match(pointer):
        return ""
    labels = "".join(_LABELS.findall(pointer))
    section = _SECTION.search(pointer)
    if section:
        return f"§ {section[1]}{labels}"
    law, arrow, here = path.rpartition(" → ")
    own = _LABELS.findall(here)
    root = f"{law}{arrow}{here[: here.find('(')] if '(' in here else here}"
    depth = {"subsection": 0, "paragraph": 1, "subparagraph": 2, "subdivision": 0}
    kind = next((name for name in depth if pointer.startswith(name)), None)
    return f"{root}{''.join(own[: depth[kind]]) if kind else ''}{labels}"


def _under(path: str, target: str) -> bool:
    """Whether a path is a target or in it; no target is the whole bill."""
    return not target or path == target or path.startswith((f"{target}(", f"{target} "))


def without_doubles(judged: list[Judged]) -> list[Judged]:
    """A register's upkeep is a detail where another clause says who shall register, or sets it"
    " up."""
    registers = [each for each in judged if each.verdict.red_line is RedLine.REGISTRATION]
    sure = any(not each.verdict.unsure for each in registers)
    kept = [each for each in registers if each.verdict.rule in _REGISTERS]
    doubles = kept[0 if sure else 1 :]
    return [
        replace(each, verdict=replace(each.verdict, label=Label.NEUTRAL, red_line=None, unsure=()))
        if any(each is double for double in doubles)
        else each
        for each in judged
    ]
