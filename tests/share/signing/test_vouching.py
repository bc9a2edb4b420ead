"""What a signature is worth: told, never enforced."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

from tests.share.signing.conftest import model_of, signed

from freehold.names import Digest
from freehold.share.signing.identity import FILE, Identity
from freehold.share.signing.in_words import for_others, in_words
from freehold.share.signing.known_keys import KnownKeys
from freehold.share.signing.vouching import Verdict, Vouched, Voucher
from freehold.store.licences import classify
from freehold.store.model import OwnedFile, OwnedModel


def _only(home: Path, model: OwnedModel) -> Vouched:
    (vouched,) = Voucher(home).check(model)
    return vouched


def test_a_known_key_is_named_by_the_owners_name(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    KnownKeys(home).trust(ana.key, "Ana")
    model = signed(parrot, ana)
    vouched = _only(home, model)
    assert vouched.verdict is Verdict.HOLDS
    assert in_words(vouched, model).startswith("signed by Ana (known since 20")


def test_an_unknown_key_is_told_with_its_code_and_its_claim(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    model = signed(parrot, ana)
    words = in_words(_only(home, model), model)
    assert "a key not known here (it calls itself Ana's laptop; code " in words
    assert ana.key.code in words


def test_ones_own_signature(tmp_path: Path, parrot: OwnedModel, ana: Identity) -> None:
    model = signed(parrot, ana)
    vouched = _only(tmp_path / "ana", model)
    assert vouched.is_own
    assert in_words(vouched, model).startswith("signed by you (Ana's laptop), 2026-11-25")


def test_a_stranger_who_takes_a_known_name_is_told_apart(
    home: Path, tmp_path: Path, parrot: OwnedModel, ana: Identity, bo: Identity
) -> None:
    KnownKeys(home).trust(ana.key, "Ana")
    model = signed(parrot, replace(bo, name="Ana"))
    vouched = _only(home, model)
    assert vouched.claims_known_name
    assert "is NOT the key known as Ana" in in_words(vouched, model)


def test_an_altered_payload_is_false(home: Path, parrot: OwnedModel, ana: Identity) -> None:
    KnownKeys(home).trust(ana.key, "Ana")
    document = json.loads(signed(parrot, ana).signatures[0])
    body = b64decode(document["payload"]).replace(b'"MIT"', b'"XYZ"')
    document["payload"] = b64encode(body).decode()
    model = replace(parrot, signatures=(json.dumps(document),))
    vouched = _only(home, model)
    assert vouched.verdict is Verdict.FALSE
    assert vouched.statement is None
    assert "FALSE: a signature that Ana's key did not make" in in_words(vouched, model)


def test_a_swapped_key_is_false(
    home: Path, parrot: OwnedModel, ana: Identity, bo: Identity
) -> None:
    KnownKeys(home).trust(ana.key, "Ana")
    text = signed(parrot, bo).signatures[0].replace(str(bo.key), str(ana.key))
    assert _only(home, replace(parrot, signatures=(text,))).verdict is Verdict.FALSE


def test_a_signature_of_another_model_does_not_match(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    other = signed(model_of("c", name="crow"), ana)
    model = replace(parrot, signatures=other.signatures)
    vouched = _only(home, model)
    assert (vouched.verdict, vouched.differs) == (Verdict.OTHER, ("parrot.gguf",))
    words = in_words(vouched, model)
    assert words.startswith("DOES NOT MATCH: ")
    assert "but that is over crow (sha256 cccccccccccc): parrot.gguf differs" in words


def test_a_replayed_signature_of_an_older_version_is_told(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    older = signed(model_of("b"), ana)
    model = replace(parrot, signatures=older.signatures)
    words = in_words(_only(home, model), model)
    assert "over another version of it (sha256 bbbbbbbbbbbb): parrot.gguf differs" in words


def test_names_in_a_signature_cannot_make_a_line_of_their_own(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    other = signed(model_of("c", name="crow\nsigned by Bo (known since 2026-11-25)"), ana)
    model = replace(parrot, signatures=other.signatures)
    words = in_words(_only(home, model), model)
    assert len(words.splitlines()) == 1
    assert "over crow�signed by Bo" in words


def test_what_a_signature_is_not_over_is_told(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    more = OwnedFile("README.md", "document", Digest("9" * 64), 3)
    model = replace(signed(parrot, ana), files=(*parrot.files, more), licence=classify("GPL-3.0"))
    vouched = _only(home, model)
    assert (vouched.verdict, vouched.uncovered) == (Verdict.HOLDS, ("README.md",))
    assert in_words(vouched, model).endswith("; signed as MIT; not over README.md")


def test_nonsense_is_unreadable_and_hides_nothing_beside_it(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    good = signed(parrot, ana)
    model = replace(good, signatures=("nonsense", *good.signatures, "{}"))
    found = Voucher(home).check(model)
    assert [each.verdict for each in found] == [
        Verdict.UNREADABLE,
        Verdict.HOLDS,
        Verdict.UNREADABLE,
    ]
    assert in_words(found[0], model).startswith("a signature that cannot be read: ")


def test_looking_makes_no_key(home: Path, parrot: OwnedModel, ana: Identity) -> None:
    Voucher(home).check(signed(parrot, ana))
    assert not (home / FILE).exists()


def test_others_are_told_codes_and_not_whom_the_owner_knows(
    home: Path, parrot: OwnedModel, ana: Identity
) -> None:
    KnownKeys(home).trust(ana.key, "my sister")
    model = signed(parrot, ana)
    assert "my sister" in in_words(_only(home, model), model)
    told = f"signed by a key (it calls itself Ana's laptop; code {ana.key.code}), 2026-11-25"
    assert for_others(model) == [told]
    assert for_others(parrot) == []
