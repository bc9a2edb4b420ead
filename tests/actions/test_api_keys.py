"""Keys: made once, kept as hashes, opening what they should and nothing else."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.actions.api_keys import ApiKeys, Scope
from freehold.errors import StorageError, UsageError

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_key_opens_what_it_was_made_for(home: Path) -> None:
    made = ApiKeys(home).make("phone")
    found = ApiKeys(home).check(made.secret)
    assert found == made.key
    assert found.allows(Scope.RUN)
    assert not found.allows(Scope.MANAGE)


def test_nothing_on_the_disk_is_the_secret_or_a_part_of_it(home: Path) -> None:
    made = ApiKeys(home).make("phone")
    random_part = made.secret.split("-", 2)[2]
    for file in home.rglob("*"):
        if file.is_file():
            assert random_part.encode() not in file.read_bytes()


@pytest.mark.parametrize("change", [0, 5, 20, -1])
def test_a_secret_with_one_letter_changed_opens_nothing(home: Path, change: int) -> None:
    secret = ApiKeys(home).make("phone").secret
    letters = list(secret)
    letters[change] = "b" if letters[change] != "b" else "c"
    assert ApiKeys(home).check("".join(letters)) is None


@pytest.mark.parametrize(
    "nonsense", ["", "fh-", "Bearer x", "fh-00000000-" + "a" * 43, "\udc80" * 9]
)
def test_nonsense_opens_nothing(home: Path, nonsense: str) -> None:
    ApiKeys(home).make("phone")
    assert ApiKeys(home).check(nonsense) is None


def test_a_removed_key_is_out_at_once(home: Path) -> None:
    keys = ApiKeys(home)
    made = keys.make("phone")
    keys.remove("phone")
    assert ApiKeys(home).check(made.secret) is None
    with pytest.raises(UsageError, match="no key called 'phone'"):
        keys.remove("phone")


def test_two_keys_cannot_have_one_name(home: Path) -> None:
    ApiKeys(home).make("phone")
    with pytest.raises(UsageError, match="already"):
        ApiKeys(home).make("phone")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61])
def test_a_name_must_be_one(home: Path, name: str) -> None:
    with pytest.raises(UsageError):
        ApiKeys(home).make(name)
    assert ApiKeys(home).all() == ()


def test_keys_made_at_the_same_time_are_all_kept(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from freehold.actions.api_keys import ApiKeys; "
        "[ApiKeys(Path(sys.argv[1])).make(f'{sys.argv[2]}{n}') for n in range(5)]"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(home), name]) for name in ("a", "b", "c")
    ]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert len(ApiKeys(home).all()) == 15


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2, "keys": []}',
        b'{"version": 1, "keys": [{}]}',
        b'{"version": 1, "keys": [{"id": 1, "name": "a", "sha256": "", "scopes": [], "x": 1}]}',
        b'{"version":1,"keys":[{"id":1,"name":"","sha256":"","scopes":[],"created_at":""}]}',
        b'{"version": 1, "keys": 7}',
    ],
)
def test_a_damaged_file_lets_nobody_in_and_says_what_to_do(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "keys.json").write_bytes(content)
    with pytest.raises(StorageError) as caught:
        ApiKeys(home)
    assert caught.value.hint
    assert (home / "keys.json").read_bytes() == content


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_can_read_the_file(home: Path) -> None:
    ApiKeys(home).make("phone")
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600


def test_the_command_shows_a_secret_once(freehold: Run) -> None:
    added = freehold("key", "add", "phone", "--scope", "manage")
    secret = added.stdout.strip()
    assert secret.startswith("fh-")
    assert "only time" in added.stderr
    listed = json.loads(freehold("key", "list", "--json").stdout)
    assert [(row["name"], row["scopes"]) for row in listed] == [("phone", ["run", "manage"])]
    assert secret not in freehold("key", "list").stdout
    assert freehold("key", "remove", "phone").returncode == 0
    assert json.loads(freehold("key", "--json").stdout) == []


@pytest.mark.parametrize("words", [("add",), ("remove",), ("list", "phone")])
def test_the_command_wants_a_name_where_one_belongs(freehold: Run, words: tuple[str, ...]) -> None:
    done = freehold("key", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
