"""Sign an owned model with this Freehold's key, and know the keys of others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.errors import FormatError, FreeholdError, UsageError
from freehold.share.signing.envelope import open_envelope, seal
from freehold.share.signing.identity import Identity, load_identity
from freehold.share.signing.key import PublicKey, is_key_name, read_code
from freehold.share.signing.statement import statement_of, write_statement
from freehold.store.durable import storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from freehold.progress import Progress
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

_MAX_CARD = 64 << 10


def sign(store: Store, model: OwnedModel, identity: Identity, progress: Progress) -> OwnedModel:
    """Vouch for a model: its files, proven first, its licence and its lineage, as they are now.

    It takes the place of an earlier signature by the same key. Raises DamagedModel.
    """
    store.check_ready(model, progress)
    statement = statement_of(model, identity.name, datetime.now(UTC))
    envelope = seal(write_statement(statement), identity.key, identity.sign)
    return store.sign(model, envelope, instead_of=_by(identity.key, model))


def unsign(store: Store, model: OwnedModel, home: Path) -> tuple[OwnedModel, int]:
    """Take one's own signatures off a model, and those that are no signature. How many went."""
    identity = load_identity(home)
    gone = _by(identity.key if identity else None, model)
    return store.sign(model, None, instead_of=gone), len(gone)


def key_meant(word: str, models: Iterable[OwnedModel]) -> tuple[PublicKey, str | None]:
    """The key that a word means, and what it calls itself if that is known.

    A code stands for the key with that code among those that signed an owned model; a path for the
    key in the file that `freehold identity --json` wrote. Raises UsageError, FormatError.
    """
    code = read_code(word)
    if code is None:
        is_written = word.startswith("ed25519:")
        return (PublicKey.parse(word), None) if is_written else _read_card(Path(word))
    for model in models:
        for text in model.signatures:
            key = _key_of(text)
            if key is not None and key.code == code:
                return key, _name_in(text)
    raise UsageError(
        f"No model that you own was signed by the key with the code {code}.",
        "Ask its owner for the file that `freehold identity --json` writes.",
    )


def _read_card(path: Path) -> tuple[PublicKey, str | None]:
    from freehold.formats.strict_json import parse_object

    if not path.is_file():
        raise UsageError(
            f"{str(path)!r} is no key, no code of 24 digits, and no file.",
            "See freehold identity --help.",
        )
    with storage_errors(f"read {path}"), path.open("rb") as file:
        data = file.read(_MAX_CARD + 1)
    if len(data) > _MAX_CARD:
        raise FormatError(f"{path.name} is too long for a key.", _CARD_HINT)
    try:
        card: dict[str, Any] = parse_object(data, path.name)
    except FormatError as error:
        raise FormatError(error.message, _CARD_HINT) from error
    written, name = card.get("key"), card.get("name")
    if not isinstance(written, str):
        raise FormatError(f"{path.name} has no key in it.", _CARD_HINT)
    return PublicKey.parse(written), name if isinstance(name, str) and is_key_name(name) else None


_CARD_HINT = "A key's file is what `freehold identity --json` writes."


def _by(key: PublicKey | None, model: OwnedModel) -> tuple[str, ...]:
    """The signatures of a key, and whatever is not a signature at all."""
    return tuple(text for text in model.signatures if _key_of(text) in {key, None})


def _key_of(text: str) -> PublicKey | None:
    try:
        return open_envelope(text).key
    except FreeholdError:  # shown as what it is wherever signatures are shown
        return None


def _name_in(text: str) -> str | None:
    from freehold.share.signing.statement import read_statement

    envelope = open_envelope(text)
    try:
        return read_statement(envelope.payload).signer if envelope.is_genuine else None
    except FormatError:
        return None
