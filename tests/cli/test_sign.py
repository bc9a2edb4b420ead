"""`freehold sign` and `freehold identity`, as people type them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.cli.conftest import Say, flip_bit
from tests.conftest import Run, tiny_gguf
from tests.share.openssf.conftest import make_keys

from freehold.share.signing.identity import FILE
from freehold.store.store import Store


@pytest.fixture
def models(say: Say, tmp_path: Path) -> None:
    """A store that owns two tiny models, `alpha` and `beta`."""
    for name in ("alpha", "beta"):
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(tiny_gguf(name, payload=2_000))
        assert say("get", path).code == 0


@pytest.fixture
def anas(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A bundle that Ana made of a model that she signed, and her card beside it."""
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path / "anas-home"))
    (tmp_path / "parrot.gguf").write_bytes(tiny_gguf("parrot"))
    assert say("get", tmp_path / "parrot.gguf").code == 0
    card = say("identity", "--name", "Ana's laptop", "--json")
    (tmp_path / "ana.json").write_text(card.out)
    assert say("sign", "parrot").code == 0
    assert say("export", "parrot", tmp_path / "parrot.tar").code == 0
    monkeypatch.setenv("FREEHOLD_HOME", str(home))
    return tmp_path / "parrot.tar"


def _verdicts(said: Any) -> list[str]:
    return [each["verdict"] for each in said["signatures"]]


def test_the_first_signature_makes_a_key_and_says_so(say: Say, models: None) -> None:
    done = say("sign", "alpha")
    assert done.code == 0
    assert "Signed: alpha, as " in done.err
    assert "The key was made now." in done.err
    assert "The key was made now." not in say("sign", "beta").err
    assert "signed by you (" in say("show", "alpha").out
    assert "  signed by you (" in say("why", "alpha").out
    assert "  signed by you (" in say("verify", "alpha").err
    assert _verdicts(say("show", "alpha", "--json").json) == ["holds"]
    assert _verdicts(say("why", "alpha", "--json").json[0]) == ["holds"]
    assert _verdicts(say("verify", "alpha", "--json").json[0]) == ["holds"]


def test_signing_again_replaces_and_removing_removes(say: Say, models: None) -> None:
    say("sign", "alpha")
    assert _verdicts(say("sign", "alpha", "--json").json[0]) == ["holds"]
    assert "1 signature removed" in say("sign", "alpha", "--remove").err
    assert _verdicts(say("show", "alpha", "--json").json) == []
    assert "no signatures removed" in say("sign", "alpha", "--remove").err


def test_a_damaged_model_is_not_signed(say: Say, models: None, home: Path) -> None:
    with Store.open(home) as store:
        flip_bit(store.blob_path(store.find("alpha").weights.digest), 5000)
    assert say("sign", "alpha").code == 5
    assert _verdicts(say("show", "alpha", "--json").json) == []


def test_a_signature_travels_and_a_code_makes_its_key_known(say: Say, anas: Path) -> None:
    got = say("import", anas)
    assert "a key not known here (it calls itself Ana's laptop; code " in got.err
    code = say("show", "parrot", "--json").json["signatures"][0]["code"]
    card = json.loads((anas.parent / "ana.json").read_text())
    assert code == card["code"]
    trusted = say("identity", "trust", *code.split(), "--name", "Ana")
    assert f"Ana is known, by the code {code}" in trusted.err
    assert "signed by Ana (known since " in say("show", "parrot").out
    (known,) = say("identity", "list", "--json").json
    assert (known["name"], known["key"]) == ("Ana", card["key"])
    assert say("identity", "forget", "Ana").code == 0
    assert "a key not known here" in say("show", "parrot").out


def test_a_card_makes_a_key_known_before_anything_is_signed(say: Say, anas: Path) -> None:
    assert say("identity", "trust", anas.parent / "ana.json").code == 0
    assert "signed by Ana's laptop (known since " in say("import", anas).err
    again = say("import", anas, "--json")
    assert _verdicts(again.json["models"][0]) == ["holds"]


def test_two_people_may_vouch_for_one_model(say: Say, anas: Path, tmp_path: Path) -> None:
    say("import", anas)
    assert _verdicts(say("sign", "parrot", "--json").json[0]) == ["holds", "holds"]
    assert say("export", "parrot", tmp_path / "both.tar").code == 0
    assert say("remove", "parrot", "--yes").code == 0
    assert _verdicts(say("import", tmp_path / "both.tar", "--json").json["models"][0]) == [
        "holds",
        "holds",
    ]
    say("sign", "parrot", "--remove")
    (left,) = say("show", "parrot", "--json").json["signatures"]
    assert left["claims"] == "Ana's laptop"


def test_no_bundle_carries_the_private_half(anas: Path) -> None:
    secret = json.loads((anas.parent / "anas-home" / FILE).read_bytes())["private_key"]
    data = anas.read_bytes()
    assert secret.encode() not in data
    assert bytes.fromhex(secret) not in data


def test_a_signature_survives_a_lost_ledger(say: Say, models: None, home: Path) -> None:
    say("sign", "alpha")
    (home / "ledger.sqlite3").unlink()
    assert _verdicts(say("show", "alpha", "--json").json) == ["holds"]


def test_a_model_with_false_signatures_runs(
    say: Say, freehold: Run, owned_home: Path, home: Path
) -> None:
    shutil.copytree(owned_home / "blobs", home / "blobs", copy_function=os.link)
    shutil.copytree(owned_home / "records", home / "records")
    assert say("sign", "smollm2").code == 0
    with Store.open(home) as store:
        model = store.find("smollm2")
        store.sign(model, "nonsense")
        store.sign(model, _spoilt(model.signatures[0]), instead_of=model.signatures)
    assert _verdicts(say("show", "smollm2", "--json").json) == ["false", "unreadable"]
    ran = freehold("run", "smollm2", "Say hello.", "--max-tokens", "4")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def _spoilt(text: str) -> str:
    """A signature that is one, of another message."""
    document = json.loads(text)
    sig = document["signatures"][0]["sig"]
    document["signatures"][0]["sig"] = ("B" if sig[0] == "A" else "A") + sig[1:]
    return json.dumps(document)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sign",), 2, "Sign what?"),
        (("sign", "nosuch"), 1, "You own no model"),
        (("identity", "trust"), 2, "takes a key"),
        (("identity", "list", "Ana"), 2, "takes no key"),
        (("identity", "--name", "two\nlines"), 2, "cannot be a key's name"),
        (("identity", "trust", "nosuch.json"), 2, "is no key, no code of 24 digits, and no file"),
        (("identity", "trust", "ed25519:12"), 2, "no key that Freehold can check"),
        (("identity", "trust", "ed25519:" + "1" * 64), 2, "Whose key is it?"),
        (("identity", "trust", *["1234"] * 6), 2, "No model that you own was signed by"),
        (("identity", "forget", "Ana"), 2, "No key is known as 'Ana'"),
    ],
)
def test_mistakes(say: Say, words: tuple[str, ...], code: int, said: str) -> None:
    done = say(*words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"key": 7}', "x" * 70_000, '{"key":"a","key":1}']
)
def test_a_card_that_is_none(say: Say, tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    done = say("identity", "trust", tmp_path / "card.json", "--name", "Ana")
    assert done.code == 7
    assert "hint: A key's file is what" in done.err


def test_an_openssf_signature_is_made_and_checked(say: Say, models: None, tmp_path: Path) -> None:
    private, public = make_keys(tmp_path, ec.SECP256R1())
    signature = tmp_path / "alpha.sig"
    made = say("sign", "alpha", "--openssf", signature, "--key", private)
    assert (made.code, made.err.count("Signed: 1 file, in ")) == (0, 1)
    check = ("--check", signature, "--key", public)
    assert "The signature holds: 1 file of alpha." in say("sign", "alpha", *check).err
    assert say("sign", tmp_path / "alpha.gguf", *check, "--json").code == 4  # signed as in a folder
    other = say("sign", "beta", *check)
    assert other.code == 4
    assert "genuine and does not match: beta.gguf is not signed" in other.err
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "alpha.gguf", tmp_path / "copy" / "alpha.gguf")
    assert say("sign", tmp_path / "copy", *check, "--json").json["good"] == ["alpha.gguf"]


@pytest.mark.parametrize(
    "words",
    [
        ("sign", "alpha", "--check", "x.sig"),
        ("sign", "alpha", "--key", "x.pem"),
        ("sign", "alpha", "beta", "--check", "x.sig", "--key", "x.pem"),
        ("sign", "alpha", "--check", "x.sig", "--openssf", "y.sig", "--key", "x.pem"),
    ],
)
def test_halves_of_an_openssf_command(say: Say, words: tuple[str, ...]) -> None:
    assert say(*words).code == 2
