"""Who vouches for a model, and whether that holds. It informs: nothing is refused by it.

A signature can hold, be over other files than these, be false, or be no signature at all. Whose
the key is, the owner's own list says, never the signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from freehold.errors import FreeholdError
from freehold.share.signing.envelope import Envelope, open_envelope
from freehold.share.signing.identity import load_identity
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKey, KnownKeys
from freehold.share.signing.statement import Statement, read_statement
from freehold.store.model import OwnedFile, OwnedModel, model_id


class Verdict(StrEnum):
    """What a signature is worth."""

    HOLDS = "holds"
    """Its key signed these very files."""
    OTHER = "other"
    """Its key signed, but other files than these: an older version, or another model."""
    FALSE = "false"
    """Its key did not sign what it says."""
    UNREADABLE = "unreadable"
    """It is damaged, or of a kind that is not known."""


@dataclass(frozen=True)
class Vouched:
    """One signature that a model carries, looked at."""

    verdict: Verdict
    envelope: str
    """As it is kept, and as it travels."""
    key: PublicKey | None = None
    known: KnownKey | None = None
    is_own: bool = False
    """Whether the key is this Freehold's own."""
    statement: Statement | None = None
    """What was signed; None unless it holds or is over something else."""
    differs: tuple[str, ...] = ()
    """Names of files that are not as signed, signed and missing, or here and not signed."""
    uncovered: tuple[str, ...] = ()
    """Names of files beside the model (a readme, a licence) that the signature is not over."""
    problem: str | None = None
    """Why it cannot be read."""
    claims_known_name: bool = False
    """Whether an unknown key calls itself as a known one is called here."""


class Voucher:
    """Looks at signatures, with the keys that one home knows.

    Without a home it knows nobody, which is what may be told to others: whom the owner knows, and
    by which name, stays here.
    """

    def __init__(self, home: Path | None) -> None:
        """Raises StorageError when the lists of keys cannot be read."""
        self._known = KnownKeys(home) if home else None
        own = load_identity(home) if home else None
        self._own = own.key if own else None

    def check(self, model: OwnedModel) -> tuple[Vouched, ...]:
        """Every signature of a model, in the order in which they are kept."""
        return tuple(self._check(text, model) for text in model.signatures)

    def _check(self, text: str, model: OwnedModel) -> Vouched:
        try:
            envelope = open_envelope(text)
            if not envelope.is_genuine:
                return Vouched(Verdict.FALSE, text, envelope.key, self._find(envelope.key))
            statement = read_statement(envelope.payload)
        except FreeholdError as error:
            return Vouched(Verdict.UNREADABLE, text, problem=error.message)
        except ImportError as error:  # a broken installation is no reason to show nothing
            return Vouched(Verdict.UNREADABLE, text, problem=f"nothing here checks it: {error}.")
        return self._compare(text, envelope, statement, model)

    def _compare(
        self, text: str, envelope: Envelope, statement: Statement, model: OwnedModel
    ) -> Vouched:
        known = self._find(envelope.key)
        is_own = envelope.key == self._own
        holds = statement.id == model_id(model.files)
        differing = _differing(statement.files, model.files)
        return Vouched(
            verdict=Verdict.HOLDS if holds else Verdict.OTHER,
            envelope=text,
            key=envelope.key,
            known=known,
            is_own=is_own,
            statement=statement,
            differs=() if holds else differing,
            uncovered=differing if holds else (),
            claims_known_name=not (known or is_own) and self._is_known_name(statement.signer),
        )

    def _find(self, key: PublicKey) -> KnownKey | None:
        return self._known.find(key) if self._known else None

    def _is_known_name(self, name: str) -> bool:
        return self._known is not None and self._known.named(name) is not None


def _differing(signed: tuple[OwnedFile, ...], here: tuple[OwnedFile, ...]) -> tuple[str, ...]:
    """Names of files whose bytes are in one of the two and not in the other."""
    known, have = {file.digest for file in signed}, {file.digest for file in here}
    names = [file.name for file in here if file.digest not in known]
    names += [file.name for file in signed if file.digest not in have]
    return tuple(dict.fromkeys(names))
