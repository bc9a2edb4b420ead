"""The public data sets: where their makers publish them, under which terms, about how big.

The sizes say beforehand how much is going to be fetched, with nobody asked; roughly. No publisher
tells a hash: what came is hashed here, and a change is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from freehold.civic.index.sets import Kind
from freehold.civic.places.states import FIPS, NAMES, ONE_CHAMBER

_CONGRESS = "https://unitedstates.github.io/congress-legislators"
_CONGRESS_TOO = "https://raw.githubusercontent.com/unitedstates/congress-legislators/gh-pages"
_PEOPLE = "https://github.com/openstates/people/archive/refs/heads/main.zip"
_PEOPLE_TOO = "https://codeload.github.com/openstates/people/zip/refs/heads/main"
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
    about: int = 0
    """Bytes, roughly."""
    kind: Kind | None = None
    """What it must turn out to be; None: any of the public data."""
    also: tuple[str, ...] = ()
    """Addresses to ask when the publisher's own does not answer."""

    @property
    def host(self) -> str:
        """Who publishes it."""
        return self.address.split("/")[2]


_ABOUT_FULL = {"cd119": 2_500_000, "sldu": 2_500_000, "sldl": 3_500_000}


def _of_congress(
    kind: Kind, name: str, title: str, about: int, *, needed: bool = False
) -> PublicFile:
    return PublicFile(
        name,
        title,
        f"{_CONGRESS}/{name}",
        _CC0,
        needed=needed,
        about=about,
        kind=kind,
        also=(f"{_CONGRESS_TOO}/{name}",),
    )


_COUNTRY = (
    _of_congress(
        Kind.CONGRESS, "legislators-current.json", "Members of Congress", 1_500_000, needed=True
    ),
    _of_congress(
        Kind.CONGRESS_OFFICES,
        "legislators-district-offices.json",
        "Offices of members of Congress",
        500_000,
    ),
    _of_congress(Kind.COMMITTEES, "committees-current.json", "Committees of Congress", 200_000),
    _of_congress(
        Kind.COMMITTEE_MEMBERS, "committee-membership-current.json", "Who sits on them", 900_000
    ),
    PublicFile(
        "openstates-people.zip",
        "State legislators",
        _PEOPLE,
        _CC0,
        about=7_000_000,
        kind=Kind.STATE_LEGISLATORS,
        also=(_PEOPLE_TOO,),
    ),
    *(
        PublicFile(
            name,
            f"ZIP areas and districts of {whose}",
            f"{_ZIPS}/{name}",
            _PUBLIC,
            about=about,
            kind=Kind.ZIP_AREAS,
        )
        for name, whose, about in (
            ("tab20_cd11920_zcta520_natl.txt", "Congress", 6_000_000),
            ("tab20_sldu202420_zcta520_natl.txt", "state senates", 7_000_000),
            ("tab20_sldl202420_zcta520_natl.txt", "state houses", 8_000_000),
        )
    ),
    *(
        PublicFile(
            f"cb_2024_us_{kind}_500k.zip",
            f"Boundaries of {whose}, generalised",
            f"{_MAPS}/cb_2024_us_{kind}_500k.zip",
            _PUBLIC,
            needed=False,
            about=about,
            kind=Kind.BOUNDARIES,
        )
        for kind, whose, about in (
            ("cd119", "districts of Congress", 7_000_000),
            ("sldu", "state senate districts", 14_000_000),
            ("sldl", "state house districts", 22_000_000),
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
            about=_ABOUT_FULL[kind],
            kind=Kind.BOUNDARIES,
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


def total(files: Iterable[PublicFile]) -> int:
    """About how many bytes they are together."""
    return sum(file.about for file in files)


def hosts(files: Iterable[PublicFile]) -> tuple[str, ...]:
    """Who publishes them."""
    return tuple(dict.fromkeys(file.host for file in files))
