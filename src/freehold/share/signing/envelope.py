"""The envelope of a signature: a DSSE envelope in one line of JSON, opened without trust.

https://github.com/secure-systems-lab/dsse says what is signed: not the payload but an encoding of
it with its type and lengths, so that no signature can be taken for one over something else. The
key is in the envelope by its whole self (`keyid`), so that an unknown one can be shown too.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from freehold.errors import FormatError, UsageError
from freehold.formats.strict_json import canonical, parse_object
from freehold.share.signing.key import PublicKey
from freehold.store.model import MAX_SIGNATURE

PAYLOAD_TYPE = "application/vnd.freehold.model.v1+json"
_HINT = "Ask whoever signed it for another copy."
_SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class Envelope:
    """What somebody signed, with which key, and the signature: not yet checked."""

    payload: bytes
    key: PublicKey
    signature: bytes

    @property
    def is_genuine(self) -> bool:
        """Whether that key signed exactly this."""
        return self.key.proves(encode_for_signing(PAYLOAD_TYPE, self.payload), self.signature)


def encode_for_signing(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding, the bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, key: PublicKey, sign: Callable[[bytes], bytes]) -> str:
    """Sign the payload and put it into an envelope. Raises UsageError when that is too long."""
    signature = sign(encode_for_signing(PAYLOAD_TYPE, payload))
    document = {
        "payload": b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": str(key), "sig": b64encode(signature).decode()}],
    }
    text = canonical(document).decode()
    if len(text) > MAX_SIGNATURE:
        raise UsageError("A model of so many files cannot be signed.", "Several hundred can.")
    return text


def open_envelope(text: str) -> Envelope:
    """Read an envelope. Raises FormatError for whatever it must not be; proves nothing."""
    if len(text) > MAX_SIGNATURE:
        raise FormatError("The signature is absurdly long.", _HINT)
    document = parse_object(text.encode("utf-8", "surrogatepass"), "The signature")
    try:
        if document["payloadType"] != PAYLOAD_TYPE:
            raise FormatError(f"It signs something else: {document['payloadType']!r:.80}.", _HINT)
        (entry,) = _list(document["signatures"])
        key = _key(entry["keyid"])
        signature = exact_base64(entry["sig"])
        payload = exact_base64(document["payload"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"The signature's envelope lacks something: {error}.", _HINT) from error
    if len(signature) != _SIGNATURE_BYTES:
        raise FormatError("The signature is not 64 bytes long.", _HINT)
    return Envelope(payload, key, signature)


def exact_base64(value: Any) -> bytes:
    """Bytes from base64 in its one right spelling. Raises ValueError or TypeError."""
    if not isinstance(value, str):
        raise TypeError("base64 that is no text")
    data = b64decode(value, validate=True)
    if b64encode(data).decode() != value:
        raise ValueError("base64 in a spelling of its own")
    return data


def _key(value: Any) -> PublicKey:
    if not isinstance(value, str):
        raise TypeError("a key that is no text")
    try:
        return PublicKey.parse(value)
    except UsageError as error:
        raise FormatError(error.message, "Only Ed25519 signatures are checked.") from error


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("signatures that are no list")
    return value
