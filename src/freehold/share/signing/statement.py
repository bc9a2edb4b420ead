"""What a signature says: these files, by their hashes, under this licence, made from these.

A statement names the model by its id, which its own files must give: one that contradicts itself
is refused. It says nothing of whether the model is any good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from freehold.errors import FormatError, FreeholdError
from freehold.formats.strict_json import canonical, parse_object
from freehold.names import Digest
from freehold.share.signing.key import is_key_name
from freehold.store.licences import classify
from freehold.store.model import Licence, OwnedFile, OwnedModel, Parent, model_id

FORMAT = 1
_HINT = "Ask whoever signed it for another copy."
_MAX_WORD = 4_096


@dataclass(frozen=True)
class Statement:
    """What was signed, by whom as they call themselves, and when by their clock."""

    signer: str
    signed_at: datetime
    id: str
    name: str
    files: tuple[OwnedFile, ...]
    licence: Licence
    parents: tuple[Parent, ...]


def statement_of(model: OwnedModel, signer: str, signed_at: datetime) -> Statement:
    """What there is to be said of a model now."""
    return Statement(
        signer=signer,
        signed_at=signed_at.astimezone(UTC).replace(microsecond=0),
        id=model.id,
        name=model.name,
        files=model.files,
        licence=model.licence,
        parents=model.parents,
    )


def write_statement(statement: Statement) -> bytes:
    """The statement as it is signed: the same facts, the same bytes."""
    licence = statement.licence
    return canonical(
        {
            "format": FORMAT,
            "signer": statement.signer,
            "signed_at": statement.signed_at.isoformat(),
            "id": statement.id,
            "name": statement.name,
            "files": [
                {"name": f.name, "role": str(f.role), "sha256": f.digest.hex, "size": f.size}
                for f in sorted(statement.files, key=lambda f: (f.name, f.digest.hex))
            ],
            "licence": {
                "spdx": licence.spdx,
                "name": licence.name,
                "text_sha256": licence.text_digest and licence.text_digest.hex,
            },
            "parents": [
                {"id": p.id, "relation": p.relation, "name": p.name, "detail": p.detail}
                for p in statement.parents
            ],
        }
    )


def read_statement(data: bytes) -> Statement:
    """Read what was signed. Raises FormatError unless every part has its shape."""
    body = parse_object(data, "What was signed")
    if body.get("format") != FORMAT:
        raise FormatError("What was signed is of a format that is not known.", "Update Freehold.")
    try:
        statement = Statement(
            signer=_name(body["signer"]),
            signed_at=_time(body["signed_at"]),
            id=Digest(body["id"]).hex,
            name=_word(body["name"]),
            files=tuple(_file(entry) for entry in body["files"]),
            licence=_licence(body["licence"]),
            parents=tuple(_parent(entry) for entry in body["parents"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, FreeholdError) as error:
        raise FormatError(f"What was signed lacks something: {error}.", _HINT) from error
    if not statement.files or model_id(statement.files) != statement.id:
        raise FormatError("What was signed contradicts itself: its files are not its id.", _HINT)
    return statement


def _file(body: Any) -> OwnedFile:
    size = body["size"]
    if type(size) is not int or size < 0:
        raise ValueError("a size that is none")
    return OwnedFile(_word(body["name"]), _word(body["role"]), Digest(body["sha256"]), size)


def _licence(body: Any) -> Licence:
    spdx, name, text = _maybe(body["spdx"]), _maybe(body["name"]), _maybe(body["text_sha256"])
    return Licence(spdx, name, classify(spdx, name).kind, Digest(text) if text else None)


def _parent(body: Any) -> Parent:
    relation, name, detail = _word(body["relation"]), _maybe(body["name"]), _maybe(body["detail"])
    return Parent(_word(body["id"]), relation, name, detail)


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(_word(value))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)


def _name(value: Any) -> str:
    name = _word(value)
    if not is_key_name(name):
        raise ValueError("a signer's name that is none")
    return name


def _word(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_WORD or "\0" in value:
        raise TypeError("a text that is none, or too long")
    return value


def _maybe(value: Any) -> str | None:
    return None if value is None else _word(value)
