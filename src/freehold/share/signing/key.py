"""A public key: how it is written, the code two people compare aloud, and what it proves.

Ed25519 and nothing else. The cryptography is loaded when the first signature is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from freehold.errors import UsageError

_WRITTEN = re.compile(r"ed25519:([0-9a-f]{64})")
_CODE_DIGITS = 24
_GROUP = 4


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key, held as 64 lower-case hexadecimal digits."""

    hex: str

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read `ed25519:<hex>`. Raises UsageError."""
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text[:80]!r} is no key that Freehold can check.",
                "A key is written ed25519: and 64 hexadecimal digits.",
            )
        return cls(match[1])

    @property
    def code(self) -> str:
        """24 digits in six groups, from its hash: to be read out and compared.

        Finding another key with the same code takes 2 to the 80th tries.
        """
        number = int.from_bytes(sha256(b"freehold key 1\n" + bytes.fromhex(self.hex)).digest())
        digits = f"{number % 10**_CODE_DIGITS:0{_CODE_DIGITS}}"
        return " ".join(digits[at : at + _GROUP] for at in range(0, _CODE_DIGITS, _GROUP))

    def proves(self, message: bytes, signature: bytes) -> bool:
        """Whether this signature over this message was made with the private half."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.hex)).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no point
            return False
        return True

    def __str__(self) -> str:
        return f"ed25519:{self.hex}"


def read_code(text: str) -> str | None:
    """The code that somebody typed, in its own spelling; None when it is no code."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(rf"[0-9]{{{_CODE_DIGITS}}}", digits):
        return None
    return " ".join(digits[at : at + _GROUP] for at in range(0, _CODE_DIGITS, _GROUP))


def check_key_name(text: str) -> str:
    """A name for a key, as people say it: `Ana's laptop`. Raises UsageError."""
    name = text.strip()
    if not is_key_name(name):
        raise UsageError(
            f"{text[:80]!r} cannot be a key's name.",
            "Up to 60 characters that say whose it is: Ana's laptop.",
        )
    return name


def is_key_name(text: str) -> bool:
    """Whether it can be shown as a name: one short line."""
    return 0 < len(text) <= 60 and text.isprintable() and text == text.strip()
