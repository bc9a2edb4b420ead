"""OpenSSF's signature file: a Sigstore bundle around a DSSE envelope, checked with an EC key.

Written from what model-signing 1.1 writes and reads. Signatures by certificate, or by Sigstore's
short-lived keys, need other people's servers or roots and are not checked here.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.errors import FormatError, HashMismatch, UsageError
from freehold.formats.strict_json import canonical, parse_object
from freehold.share.signing.envelope import encode_for_signing, exact_base64
from freehold.store.durable import storage_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )

BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MAX_BYTES = 4 << 20
_HINT = "Checked are the signatures that `model_signing sign key` makes."
_KEY_HINT = "It takes an EC key on P-256, P-384 or P-521, as a PEM file."


@dataclass(frozen=True)
class SignatureFile:
    """What is in such a file: not yet checked. `hint` is the hash of the key, where it says so."""

    payload: bytes
    signature: bytes
    hint: str | None


def read_signature(path: Path) -> SignatureFile:
    """Read a signature file. Raises FormatError for whatever it must not be; proves nothing."""
    document = parse_object(_bytes(path), path.name)
    try:
        if document["mediaType"] != BUNDLE_TYPE:
            raise FormatError(f"{path.name} is of the kind {document['mediaType']!r:.90}.", _HINT)
        material, envelope = document["verificationMaterial"], document["dsseEnvelope"]
        if "publicKey" not in material:
            raise FormatError(
                f"{path.name} was signed with a certificate, and not with a key alone.",
                "Such signatures need others to vouch for the certificate: model_signing has them.",
            )
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise FormatError(f"{path.name} signs {envelope['payloadType']!r:.90}.", _HINT)
        (entry,) = envelope["signatures"]
        hint = material["publicKey"].get("hint")
        return SignatureFile(
            exact_base64(envelope["payload"]),
            exact_base64(entry["sig"]),
            None if hint is None else str(hint),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path.name} lacks something: {error}.", _HINT) from error


def prove_signature(found: SignatureFile, key_path: Path) -> None:
    """Raise HashMismatch unless the key in that PEM file made it; UsageError for no such key."""
    from cryptography.exceptions import InvalidSignature

    key = _public(key_path)
    if found.hint is not None and found.hint != _hint(key):
        raise HashMismatch(
            f"The signature was made with another key than {key_path.name}.",
            f"It names the key whose PEM hashes to {found.hint[:64]}.",
        )
    message = encode_for_signing(PAYLOAD_TYPE, found.payload)
    try:
        key.verify(found.signature, message, _algorithm(key))
    except InvalidSignature as error:
        raise HashMismatch(
            f"The signature is false: {key_path.name} did not make it.",
            "It was altered, or is damaged. Ask whoever signed for another copy.",
        ) from error


def write_signature(payload: bytes, key_path: Path) -> bytes:
    """Sign a payload with the private key in that PEM file. Raises UsageError."""
    private = _private(key_path)
    public = private.public_key()
    signature = private.sign(encode_for_signing(PAYLOAD_TYPE, payload), _algorithm(public))
    return canonical(
        {
            "mediaType": BUNDLE_TYPE,
            "verificationMaterial": {"publicKey": {"hint": _hint(public)}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": b64encode(payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": b64encode(signature).decode(), "keyid": ""}],
            },
        }
    )


def _bytes(path: Path) -> bytes:
    with storage_errors(f"read {path}"), path.open("rb") as file:
        return file.read(_MAX_BYTES + 1)  # one more, so that too long is seen to be


def _public(path: Path) -> EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return _elliptic(load_pem_public_key(_bytes(path)), path)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path.name} is no public key.", _KEY_HINT) from error


def _elliptic(key: Any, path: Path) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    curves = {"secp256r1", "secp384r1", "secp521r1"}
    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name not in curves:
        raise UsageError(f"{path.name} is a key of another kind.", _KEY_HINT)
    return key


def _private(path: Path) -> EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_bytes(path), None)
    except TypeError as error:
        hint = f"openssl pkey -in {path.name} -out plain.pem takes the passphrase off."
        raise UsageError(f"{path.name} is locked with a passphrase.", hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path.name} is no private key.", _KEY_HINT) from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise UsageError(f"{path.name} is a key of another kind.", _KEY_HINT)
    _elliptic(key.public_key(), path)
    return key


def _algorithm(key: EllipticCurvePublicKey) -> ECDSA:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    by_size: dict[int, hashes.HashAlgorithm] = {
        256: hashes.SHA256(),
        384: hashes.SHA384(),
        521: hashes.SHA512(),
    }
    return ECDSA(by_size[key.curve.key_size])


def _hint(key: EllipticCurvePublicKey) -> str:
    """The SHA-256 of the key's own PEM, as the bundle has it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return sha256(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
