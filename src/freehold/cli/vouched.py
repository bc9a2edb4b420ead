"""Who vouches for a model, for the commands that show one. Loads nothing where nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.share.signing.vouching import Vouched
    from freehold.store.model import OwnedModel


def vouched_lines(model: OwnedModel) -> list[str]:
    """One sentence for each signature it carries."""
    if not model.signatures:
        return []
    from freehold.share.signing.in_words import in_words

    return [in_words(each, model) for each in _vouched(model)]


def vouched_json(model: OwnedModel) -> list[dict[str, Any]]:
    """The same for programs."""
    return [_as_json(each) for each in _vouched(model)]


def _vouched(model: OwnedModel) -> tuple[Vouched, ...]:
    if not model.signatures:
        return ()
    from freehold.share.signing.vouching import Voucher

    return Voucher(Settings.load().home).check(model)


def _as_json(vouched: Vouched) -> dict[str, Any]:
    statement, known = vouched.statement, vouched.known
    return {
        "verdict": vouched.verdict.value,
        "key": str(vouched.key) if vouched.key else None,
        "code": vouched.key.code if vouched.key else None,
        "known_as": known.name if known else None,
        "known_since": known.since.isoformat() if known else None,
        "own": vouched.is_own,
        "claims": statement.signer if statement else None,
        "signed_at": statement.signed_at.isoformat() if statement else None,
        "signed_id": f"sha256:{statement.id}" if statement else None,
        "signed_licence": (statement.licence.spdx or statement.licence.name) if statement else None,
        "differs": list(vouched.differs),
        "uncovered": list(vouched.uncovered),
        "problem": vouched.problem,
        "envelope": vouched.envelope,
    }
