"""What time it is at an office: by state, and by town in the states that lie in two time zones.

The towns are those where offices usually are, not every town: elsewhere in a state that is truly
divided, both zones are given and nothing is made up.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from freehold.civic.people.member import Office, OfficeKind
from freehold.civic.seat import Seat
from freehold.errors import StorageError

CONGRESS = "America/New_York"
_CAPITOLS = {
    "America/New_York": "CT DE DC FL GA KY ME MD MA NH NJ NY NC OH PA RI SC VT VA WV",
    "America/Detroit": "MI",
    "America/Indiana/Indianapolis": "IN",
    "America/Chicago": "AL AR IL IA KS LA MN MS MO NE ND OK SD TN TX WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Boise": "ID",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR",
    "America/St_Thomas": "VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
CAPITOL = {state: zone for zone, states in _CAPITOLS.items() for state in states.split()}
"""The time zone of each state's capitol."""

_SLIVERS = {
    "AK": ("America/Adak", "adak"),
    "AZ": ("America/Denver", "chinle,kayenta,tuba city,window rock"),
    "KS": ("America/Denver", "goodland,sharon springs,syracuse,tribune"),
    "MI": (
        "America/Menominee",
        "bessemer,crystal falls,iron mountain,iron river,ironwood,kingsford,menominee,norway",
    ),
    "NV": ("America/Denver", "jackpot,west wendover"),
    "OR": ("America/Boise", "nyssa,ontario,vale"),
    "TX": ("America/Denver", "el paso,horizon city,socorro"),
}
"""States with a second zone that few live in: these towns are in it, all others are not."""

_DIVIDED = {
    "FL": (
        "America/Chicago",
        (
            "chipley,crestview,defuniak springs,destin,fort walton beach,gulf breeze,marianna,"
            "milton,navarre,niceville,panama city,pensacola"
        ),
        (
            "boca raton,bradenton,cape coral,clearwater,daytona beach,fort lauderdale,fort myers,"
            "gainesville,hialeah,hollywood,jacksonville,kissimmee,lakeland,melbourne,miami,naples,"
            "ocala,orlando,port st. lucie,sarasota,st. augustine,st. petersburg,tallahassee,tampa,"
            "west palm beach"
        ),
    ),
    "ID": (
        "America/Los_Angeles",
        "coeur d'alene,grangeville,hayden,lewiston,moscow,post falls,sandpoint",
        "boise,caldwell,eagle,idaho falls,meridian,nampa,pocatello,rexburg,twin falls",
    ),
    "IN": (
        "America/Chicago",
        (
            "crown point,east chicago,evansville,gary,hammond,la porte,laporte,merrillville,"
            "michigan city,munster,portage,schererville,valparaiso"
        ),
        (
            "anderson,bloomington,carmel,columbus,elkhart,fishers,fort wayne,greenwood,"
            "indianapolis,jeffersonville,kokomo,lafayette,marion,muncie,new albany,noblesville,"
            "richmond,south bend,terre haute,west lafayette"
        ),
    ),
    "KY": (
        "America/Chicago",
        (
            "bowling green,glasgow,henderson,hopkinsville,madisonville,mayfield,murray,owensboro,"
            "paducah,russellville"
        ),
        (
            "ashland,covington,danville,elizabethtown,florence,frankfort,georgetown,lexington,"
            "louisville,pikeville,richmond,somerset"
        ),
    ),
    "NE": (
        "America/Denver",
        "alliance,chadron,gering,kimball,ogallala,scottsbluff,sidney",
        (
            "bellevue,columbus,fremont,grand island,hastings,kearney,lincoln,norfolk,north platte,"
            "omaha,papillion"
        ),
    ),
    "ND": (
        "America/Denver",
        "beach,bowman,dickinson,hettinger",
        "bismarck,fargo,grand forks,jamestown,mandan,minot,west fargo,williston",
    ),
    "SD": (
        "America/Denver",
        "belle fourche,custer,deadwood,hot springs,lead,rapid city,spearfish,sturgis",
        "aberdeen,brookings,huron,mitchell,pierre,sioux falls,vermillion,watertown,yankton",
    ),
    "TN": (
        "America/New_York",
        (
            "athens,bristol,chattanooga,cleveland,greeneville,johnson city,kingsport,knoxville,"
            "maryville,morristown,oak ridge,sevierville"
        ),
        (
            "clarksville,columbia,cookeville,franklin,gallatin,hendersonville,jackson,memphis,"
            "murfreesboro,nashville"
        ),
    ),
}
"""States that are divided: the other zone, towns in it, towns in the capitol's."""


def zones_of(seat: Seat, office: Office) -> tuple[str, ...]:
    """The time zone of an office; two where it may be in either."""
    is_capitol = office.kind is OfficeKind.CAPITOL
    if is_capitol and seat.is_federal:
        return (CONGRESS,)
    main = CAPITOL[seat.state]
    town = (office.city or _town_in(office.address, seat.state)).strip().lower()
    if is_capitol:
        return (main,)
    if seat.state in _SLIVERS:
        other, there = _SLIVERS[seat.state]
        return (other if town in there.split(",") else main,)
    if seat.state in _DIVIDED:
        other, there, here = _DIVIDED[seat.state]
        if town in there.split(","):
            return (other,)
        return (main,) if town in here.split(",") else (main, other)
    return (main,)


def _town_in(address: str | None, state: str) -> str:
    """The town in `12 Main St, Pensacola, FL 32501`, so far as it stands like that."""
    head, found, _ = (address or "").rpartition(f", {state}")
    return head.rpartition(",")[2].rpartition(";")[2] if found else ""


def load(name: str) -> ZoneInfo:
    """A time zone. Raises StorageError where this machine has no table of them."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise StorageError(
            f"This machine has no table of time zones, so the time in {name} is not known.",
            "`pip install tzdata` in Freehold's environment brings one.",
        ) from error


def plain(name: str) -> str:
    """`America/New_York` as people say it: `Eastern`."""
    return _PLAIN.get(name, name.rpartition("/")[2].replace("_", " "))


_PLAIN = {
    "America/New_York": "Eastern",
    "America/Detroit": "Eastern",
    "America/Indiana/Indianapolis": "Eastern",
    "America/Chicago": "Central",
    "America/Menominee": "Central",
    "America/Denver": "Mountain",
    "America/Boise": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Adak": "Aleutian",
    "America/Puerto_Rico": "Atlantic",
    "America/St_Thomas": "Atlantic",
}
