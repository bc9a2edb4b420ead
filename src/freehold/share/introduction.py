"""How a hub proves who it is: a signature over a number that the asker has just made up.

Over that number, the address that was asked, and the hash of the list of what is shared: so an old
answer, one that was passed on from another machine, and another list each fail. What is signed is
of a type of its own (DSSE), so that no such answer is a signature of a model, or the other way
round. A hub whose owner has no key says so, and what it says of itself is then worth nothing.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.errors import FreeholdError, IntegrityError, SourceError
from freehold.formats.strict_json import canonical, parse_object
from freehold.names import Digest
from freehold.share.signing.envelope import encode_for_signing, exact_base64
from freehold.share.signing.identity import Identity
from freehold.share.signing.key import PublicKey, is_key_name

PAYLOAD_TYPE = "application/vnd.freehold.hello.v1+json"
FORMAT = 1
MOST_BYTES = 16 << 10
"""What an answer may have."""
_NONCE = re.compile(r"[0-9a-f]{32,128}")


@dataclass(frozen=True)
class Introduction:
    """Who answered, as it was proven."""

    name: str
    """What it calls itself: a claim."""
    key: PublicKey
    listing: Digest
    """Of the list of what it shares, byte for byte."""
    listed_at: datetime
    """When that list was made, by its clock: of two lists of one key the later counts."""


def is_nonce(text: str) -> bool:
    """Whether somebody asks with a number long enough that nobody has asked with it before."""
    return _NONCE.fullmatch(text) is not None


def introduce(
    identity: Identity | None, nonce: str, address: str, listing: Digest, listed_at: datetime
) -> dict[str, Any]:
    """What a hub answers at `address` (`host:port`, as the asker calls it)."""
    if identity is None:
        return {"format": FORMAT, "key": None}
    payload = canonical(
        {
            "format": FORMAT,
            "nonce": nonce,
            "address": address,
            "name": identity.name,
            "listing": str(listing),
            "listed_at": listed_at.isoformat(),
        }
    )
    signature = identity.sign(encode_for_signing(PAYLOAD_TYPE, payload))
    return {
        "format": FORMAT,
        "key": str(identity.key),
        "payload": b64encode(payload).decode(),
        "signature": b64encode(signature).decode(),
    }


def read_introduction(data: bytes, nonce: str, address: str) -> Introduction | None:
    """The proof in an answer from `address`; None when it has no key and says so.

    Raises SourceError for what is no such answer, IntegrityError for a proof that does not hold.
    """
    try:
        document = parse_object(data, f"The answer of {address}")
        if document["format"] != FORMAT:
            raise SourceError(f"{address} runs another version of Freehold.", "Update the older.")
        if document["key"] is None:
            return None
        key = PublicKey.parse(document["key"])
        payload = exact_base64(document["payload"])
        if not key.proves(
            encode_for_signing(PAYLOAD_TYPE, payload), exact_base64(document["signature"])
        ):
            raise IntegrityError(
                f"{address} shows a key that it cannot sign with: it is not who it says.", _HINT
            )
        said = parse_object(payload, f"The proof of {address}")
        return _proven(said, key, nonce, address)
    except (KeyError, TypeError, ValueError) as error:
        raise _odd(address) from error
    except FreeholdError as error:
        if isinstance(error, SourceError) or type(error) is IntegrityError:
            raise
        raise _odd(address) from error


def _proven(said: dict[str, Any], key: PublicKey, nonce: str, address: str) -> Introduction:
    if said["nonce"] != nonce:
        raise IntegrityError(f"{address} answered with an old proof, made for another.", _HINT)
    if said["address"] != address:
        raise IntegrityError(
            f"{address} shows a proof that was made for {str(said['address'])[:80]!r}.",
            "Somebody passes on what another machine says. Ask that one itself.",
        )
    name = said["name"]
    if not isinstance(name, str) or not is_key_name(name):
        raise ValueError("a name that is none")
    listed_at = datetime.fromisoformat(said["listed_at"])
    if listed_at.tzinfo is None:
        raise ValueError("a time without its zone")
    return Introduction(name, key, Digest.parse(said["listing"]), listed_at)


_HINT = "Nothing was taken from it. Ask its owner what listens there."


def _odd(address: str) -> SourceError:
    return SourceError(
        f"{address} answered with something that is no proof of who it is.",
        "It may be another kind of server, or an older Freehold.",
    )
