"""The public data sets: where their makers publish them, under which terms, what each is for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from freehold.civic.places.states import FIPS, NAMES, ONE_CHAMBER

_CONGRESS = "https://unitedstates.github.io/congress-legislators"
_PEOPLE = "https://github.com/openstates/people/archive/refs/heads/main.zip"
_ZIPS = "https://www2.census.gov/geo/docs/maps-data/data/rel2020/cd-sld"
_MAPS = "https://www2.census.gov/geo/tiger/GENZ2024/shp"
_FULL = "https://www2.census.gov/geo/tiger/TIGER2025"
_CC0, _PUBLIC = "CC0-1.0", "public domain (US government)"


@dataclass(frozen=True)
class PublicFile:
    """One file to fetch."""

    name: str
    """What it is kept as."""
    title: str
    address: str
    licence: str
    state: str = ""
    """Two letters where it is of one state alone."""
    needed: bool = True
    """Whether an answer without it would be worth little."""


_COUNTRY = (
    PublicFile(
        "legislators-current.json",
        "Members of Congress",
        f"{_CONGRESS}/legislators-current.json",
        _CC0,
    ),
    PublicFile(
        "legislators-district-offices.json",
        "Offices of members of Congress",
        f"{_CONGRESS}/legislators-district-offices.json",
        _CC0,
        needed=False,
    ),
    PublicFile(
        "committees-current.json",
        "Committees of Congress",
        f"{_CONGRESS}/committees-current.json",
        _CC0,
        needed=False,
    ),
    PublicFile(
        "committee-membership-current.json",
        "Who sits on them",
        f"{_CONGRESS}/committee-membership-current.json",
        _CC0,
        needed=False,
    ),
    PublicFile("openstates-people.zip", "State legislators", _PEOPLE, _CC0),
    *(
        PublicFile(name, f"ZIP areas and districts of {whose}", f"{_ZIPS}/{name}", _PUBLIC)
        for name, whose in (
            ("tab20_cd11920_zcta520_natl.txt", "Congress"),
            ("tab20_sldu202420_zcta520_natl.txt", "state senates"),
            ("tab20_sldl202420_zcta520_natl.txt", "state houses"),
        )
    ),
    *(
        PublicFile(
            f"cb_2024_us_{kind}_500k.zip",
            f"Boundaries of {whose}, generalised",
            f"{_MAPS}/cb_2024_us_{kind}_500k.zip",
            _PUBLIC,
            needed=False,
        )
        for kind, whose in (
            ("cd119", "districts of Congress"),
            ("sldu", "state senate districts"),
            ("sldl", "state house districts"),
        )
    ),
)


def whole_country() -> tuple[PublicFile, ...]:
    """People, ZIP areas and generalised boundaries of all states."""
    return _COUNTRY


def of_states(states: Collection[str]) -> tuple[PublicFile, ...]:
    """The full boundaries of these states, given by two letters."""
    return tuple(
        PublicFile(
            f"tl_2025_{FIPS[state]}_{kind}.zip",
            f"Boundaries of {NAMES[state]}: {whose}",
            f"{_FULL}/{folder}/tl_2025_{FIPS[state]}_{kind}.zip",
            _PUBLIC,
            state,
            needed=False,
        )
        for state in sorted(states)
        for folder, kind, whose in _kinds(state)
    )


def _kinds(state: str) -> list[tuple[str, str, str]]:
    kinds = [("CD", "cd119", "districts of Congress")]
    if state not in {"AS", "GU", "MP", "VI"}:
        upper = "the legislature" if state in ONE_CHAMBER else "state senate districts"
        kinds.append(("SLDU", "sldu", upper))
        if state not in ONE_CHAMBER:
            kinds.append(("SLDL", "sldl", "state house districts"))
    return kinds
