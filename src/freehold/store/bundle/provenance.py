"""A model's story as one JSON document: what leaves with it, and what is believed on arrival.

What is only true of this machine or private to its owner stays here: paths, the names of peers,
user names, passwords and tokens in addresses, when it was owned and used. What arrives is checked
for its shape; the kind of the licence is worked out anew, and the bytes speak for themselves.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from freehold.errors import FormatError, FreeholdError
from freehold.formats.strict_json import canonical, parse_object
from freehold.names import Digest, ModelRef, Scheme, slug
from freehold.store.bundle.contents import Story
from freehold.store.licences import classify
from freehold.store.model import (
    MAX_SIGNATURE,
    MAX_SIGNATURES,
    Fact,
    Licence,
    OwnedModel,
    Parent,
    Sighting,
)

FORMAT = 1
_HINT = "It is damaged, or was made to do harm. Nothing in it was owned."
_MAX_TEXT = 4 << 20
_MAX_WORD = 10_000
_LOCAL = frozenset({Scheme.FILE, Scheme.PEER})


def story_of(model: OwnedModel, *, with_notes: bool = True) -> Story:
    """What of a model may leave. Without notes, its tags stay too."""
    digests = {file.digest for file in model.files}
    licence = model.licence
    if licence.text_digest not in digests:
        licence = replace(licence, text_digest=None)
    return Story(
        name=model.name,
        licence=licence,
        sightings=_public(model.sightings),
        facts=model.facts,
        parents=model.parents,
        tags=model.tags if with_notes else (),
        notes=model.notes if with_notes else "",
        signatures=model.signatures,
    )


def write_story(story: Story, identity: str) -> bytes:
    """The document. `identity` is the model's id, so that a reader can tell it belongs."""
    return canonical(
        {
            "format": FORMAT,
            "id": identity,
            "name": story.name,
            "licence": {
                "spdx": story.licence.spdx,
                "name": story.licence.name,
                "text_digest": story.licence.text_digest and story.licence.text_digest.hex,
            },
            "sightings": [
                {
                    "ref": seen.ref,
                    "url": seen.url,
                    "revision": seen.revision,
                    "seen_at": seen.seen_at.astimezone(UTC).isoformat(timespec="microseconds"),
                }
                for seen in story.sightings
            ],
            "facts": dict(story.facts),
            "parents": [
                {"id": p.id, "relation": p.relation, "name": p.name, "detail": p.detail}
                for p in story.parents
            ],
            "tags": list(story.tags),
            "notes": story.notes,
            # Left out where there are none, so that older bundles keep their bytes.
            **({"signatures": list(story.signatures)} if story.signatures else {}),
        }
    )


def read_story(data: bytes, identity: str, what: str) -> Story:
    """The story of the model `identity`. Raises FormatError unless every part has its shape."""
    body = parse_object(data, what)
    if type(body.get("format")) is not int or body["format"] < 1:
        raise FormatError(f"{what} does not say its format.", _HINT)
    if body["format"] > FORMAT:
        raise FormatError(f"{what} was written by a later Freehold.", "Update Freehold.")
    if body.get("id") != identity:
        raise FormatError(f"{what} tells the story of another model.", _HINT)
    try:
        return Story(
            name=_word(body["name"]),
            licence=_licence(body["licence"]),
            sightings=_public(tuple(_sighting(entry) for entry in _list(body["sightings"]))),
            facts={_word(name): _fact(value) for name, value in dict(body["facts"]).items()},
            parents=tuple(_parent(entry) for entry in _list(body["parents"])),
            tags=tuple(slug(_word(tag)) for tag in _list(body["tags"])),
            notes=_text(body["notes"], _MAX_TEXT),
            signatures=_signatures(body.get("signatures", [])),
        )
    except (KeyError, TypeError, ValueError, OverflowError, FreeholdError) as error:
        raise FormatError(f"{what} lacks something: {error}.", _HINT) from error


def _public(sightings: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
    """Places that others can go to, without secrets, each once, in a settled order."""
    places: dict[tuple[str, str, str], Sighting] = {}
    for seen in sorted(sightings, key=lambda seen: seen.seen_at):
        ref = _public_ref(seen.ref)
        if ref is not None:
            url = _public_url(seen.url) if seen.url else None
            kept = replace(seen, ref=ref, url=url)
            places.setdefault((ref, url or "", seen.revision or ""), kept)
    return tuple(
        seen for _, seen in sorted(places.items(), key=lambda item: (item[1].seen_at, item[0]))
    )


def _public_ref(text: str) -> str | None:
    try:
        ref = ModelRef.parse(text)
    except (FreeholdError, ValueError):  # not a place that Freehold could name again
        return None
    if ref.scheme in _LOCAL:
        return None
    return _public_url(text) if ref.scheme is Scheme.URL else text


def _public_url(text: str) -> str | None:
    """The address without user, password, query and fragment: tokens are kept in all of them."""
    parts = urlsplit(text)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _licence(body: Any) -> Licence:
    spdx, name, text = _maybe(body["spdx"]), _maybe(body["name"]), _maybe(body["text_digest"])
    kind = classify(spdx, name).kind
    return Licence(spdx, name, kind, Digest(text) if text else None)


def _sighting(body: Any) -> Sighting:
    seen_at = datetime.fromisoformat(_word(body["seen_at"]))
    if seen_at.tzinfo is None:
        raise ValueError("a time without a zone")
    url = _maybe(body["url"])
    return Sighting(_word(body["ref"]), url, _maybe(body["revision"]), seen_at.astimezone(UTC))


def _parent(body: Any) -> Parent:
    return Parent(
        _word(body["id"]),
        _word(body["relation"]),
        _maybe(body["name"]),
        _maybe(body["detail"]),
    )


def _signatures(value: Any) -> tuple[str, ...]:
    """Whether they are true is not asked here: a false one is shown as that."""
    texts = _list(value)
    if len(texts) > MAX_SIGNATURES:
        raise ValueError("more signatures than anybody needs")
    for text in texts:
        if not (_text(text, MAX_SIGNATURE).isascii() and text.isprintable()):
            raise ValueError("a signature that is no line of plain letters")
    return tuple(texts)


def _fact(value: Any) -> Fact:
    if isinstance(value, str):
        return _text(value, _MAX_TEXT)
    is_number = isinstance(value, int | float)
    if value is not None and not (is_number and math.isfinite(value) and abs(value) < 2**63):
        raise ValueError("a fact that is no plain value")
    fact: Fact = value
    return fact


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list that is none")
    return value


def _word(value: Any) -> str:
    text = _text(value, _MAX_WORD)
    if not text:
        raise ValueError("an empty word")
    return text


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value, _MAX_WORD)


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit or "\0" in value:
        raise TypeError("a text that is none, or too long")
    return value
