"""The folder that model-signing 1.1.1 signed, and what it wrote: `recorded/`.

`files` is by a P-256 key over whole files, `shards` by a P-384 key over parts of ten bytes, `one`
by a P-521 key over the one file `parrot.gguf` by BLAKE2.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import PublicFormat as Public

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
def parrot(tmp_path: Path) -> Path:
    """A folder of a model, a text and an empty file."""
    folder = tmp_path / "parrot"
    (folder / "more").mkdir(parents=True)
    (folder / "parrot.gguf").write_bytes(b"GGUF: says what it heard\n")
    (folder / "more" / "notes.txt").write_bytes(b"green\n")
    (folder / "empty").write_bytes(b"")
    return folder


def make_keys(folder: Path, curve: ec.EllipticCurve) -> tuple[Path, Path]:
    """A private and a public key as PEM files."""
    key = ec.generate_private_key(curve)
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, Public.SubjectPublicKeyInfo))
    return private, public
