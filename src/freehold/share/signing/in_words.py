"""What a signature is worth, as one sentence for a person."""

from __future__ import annotations

from freehold.share.signing.vouching import Verdict, Vouched, Voucher
from freehold.store.model import OwnedModel

_SHOWN = 3
_UNKNOWN = "a key not known here"


def in_words(vouched: Vouched, model: OwnedModel, unknown: str = _UNKNOWN) -> str:
    """`signed by Ana's laptop (known since 2026-11-25), 2026-11-26`, or what is wrong with it.

    `unknown` is what a key is called that is not in the owner's list. One line, whatever line ends
    a stranger has put into names: a second one could vouch falsely.
    """
    return "".join(c if c.isprintable() else "�" for c in _sentence(vouched, model, unknown))


def for_others(model: OwnedModel) -> list[str]:
    """A sentence for each signature of a model, for people who may know other keys than the owner.

    By codes and by what signers call themselves; nothing of whom the owner knows is in it.
    """
    return [in_words(each, model, "a key") for each in Voucher(None).check(model)]


def _sentence(vouched: Vouched, model: OwnedModel, unknown: str) -> str:
    statement = vouched.statement
    if statement is None:
        return _worthless(vouched)
    said = f"signed by {_who(vouched, unknown)}, {statement.signed_at:%Y-%m-%d}"
    if vouched.verdict is Verdict.OTHER:
        which = "another version of it" if statement.name == model.name else statement.name
        return (
            f"DOES NOT MATCH: {said}, but that is over {which} "
            f"(sha256 {statement.id[:12]}): {some_of(vouched.differs)} differs"
        )
    if statement.licence.spdx != model.licence.spdx:
        signed = statement.licence.spdx or statement.licence.name or "no known licence"
        said += f"; signed as {signed}"
    if vouched.uncovered:
        said += f"; not over {some_of(vouched.uncovered)}"
    return said


def _worthless(vouched: Vouched) -> str:
    if vouched.verdict is Verdict.UNREADABLE:
        return f"a signature that cannot be read: {vouched.problem}"
    whose = f"{vouched.known.name}'s key" if vouched.known else "the key that it names"
    return f"FALSE: a signature that {whose} did not make. Somebody altered it, or made it up"


def _who(vouched: Vouched, unknown: str) -> str:
    if vouched.statement is None or vouched.key is None:
        return "nobody"
    claimed = vouched.statement.signer
    if vouched.is_own:
        return f"you ({claimed})"
    if vouched.known is not None:
        return f"{vouched.known.name} (known since {vouched.known.since:%Y-%m-%d})"
    other = f", and is NOT the key known as {claimed}" if vouched.claims_known_name else ""
    return f"{unknown} (it calls itself {claimed}{other}; code {vouched.key.code})"


def some_of(names: tuple[str, ...]) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
