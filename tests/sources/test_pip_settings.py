"""The same indexes that pip would ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import UsageError
from freehold.sources.pip_settings import DEFAULT_INDEX, PipIndexes, config_files, read_indexes


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A user with a home, and no settings of the real machine in sight."""
    return {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
        "VIRTUAL_ENV": str(tmp_path / "venv"),
    }


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(env: dict[str, str], monkeypatch: pytest.MonkeyPatch | None = None) -> PipIndexes:
    return read_indexes(env, "linux", Path("/nowhere"))


@pytest.fixture(autouse=True)
def _no_etc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """/etc/pip.conf is this machine's own: read another in its place."""
    real = Path.read_text

    def elsewhere(self: Path, *args: str, **options: str) -> str:
        return real(tmp_path / "etc-pip.conf" if str(self) == "/etc/pip.conf" else self)

    monkeypatch.setattr(Path, "read_text", elsewhere)


def test_without_settings_it_is_the_public_index(env: dict[str, str]) -> None:
    assert read(env) == PipIndexes((DEFAULT_INDEX,))


def test_a_later_file_wins(env: dict[str, str], tmp_path: Path) -> None:
    places = [
        tmp_path / "xdg/pip/pip.conf",
        tmp_path / "etc-pip.conf",
        tmp_path / "home/.pip/pip.conf",
        tmp_path / "home/.config/pip/pip.conf",
        tmp_path / "venv/pip.conf",
    ]
    for number, path in enumerate(places):
        write(path, f"[global]\nindex-url = https://index{number}/simple/\n")
        assert read(env).urls == (f"https://index{number}/simple",)


def test_a_section_for_the_command_wins_over_global(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "xdg/pip/pip.conf", "[install]\nindex_url = https://for-install/simple\n")
    write(tmp_path / "venv/pip.conf", "[global]\nindex-url = https://for-all/simple\n")
    assert read(env).urls == ("https://for-install/simple",)
    write(tmp_path / "etc-pip.conf", "[download]\nindex-url = https://for-download/simple\n")
    assert read(env).urls == ("https://for-download/simple",)


def test_the_environment_wins_over_files(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "venv/pip.conf", "[global]\nindex-url = https://file/simple\n")
    env["PIP_INDEX_URL"] = "https://variable/simple"
    env["PIP_EXTRA_INDEX_URL"] = "https://one/simple https://two/simple/"
    expected = ("https://variable/simple", "https://one/simple", "https://two/simple")
    assert read(env).urls == expected


def test_extra_indexes_may_stand_on_lines_of_their_own(env: dict[str, str], tmp_path: Path) -> None:
    write(
        tmp_path / "home/.config/pip/pip.conf",
        "[global]\nextra-index-url =\n    https://one/simple\n    file:///there/simple\n",
    )
    assert read(env).urls == (DEFAULT_INDEX, "https://one/simple")
    assert read(env).skipped == ("file:///there/simple",)


def test_a_percent_sign_is_just_that(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "venv/pip.conf", "[global]\nindex-url = https://u:p%40ss@host/simple\n")
    assert read(env).urls == ("https://u:p%40ss@host/simple",)


def test_pip_config_file_wins_and_leaves_the_users_out(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "home/.config/pip/pip.conf", "[global]\nextra-index-url = https://user/s\n")
    write(tmp_path / "venv/pip.conf", "[global]\nindex-url = https://site/s\n")
    write(tmp_path / "mine.conf", "[global]\nindex-url = https://mine/s\n")
    env["PIP_CONFIG_FILE"] = str(tmp_path / "mine.conf")
    assert read(env).urls == ("https://mine/s",)
    env["PIP_CONFIG_FILE"] = "/dev/null"
    assert read(env).urls == (DEFAULT_INDEX,)


@pytest.mark.parametrize(("value", "expected"), [("1", ()), ("true", ()), ("0", (DEFAULT_INDEX,))])
def test_no_index_means_none(env: dict[str, str], value: str, expected: tuple[str, ...]) -> None:
    env["PIP_NO_INDEX"] = value
    assert read(env).urls == expected


def test_a_broken_file_is_named(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "venv/pip.conf", "index-url = https://no-section/simple\n")
    with pytest.raises(UsageError, match=r"venv/pip\.conf"):
        read(env)


def test_the_places_on_macos_and_windows(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    mac = [str(path) for path in config_files(home, "darwin", Path("/prefix"))]
    assert mac[0] == "/Library/Application Support/pip/pip.conf"
    assert mac[-1] == "/prefix/pip.conf"
    assert str(tmp_path / ".config/pip/pip.conf") in mac
    (tmp_path / "Library/Application Support/pip").mkdir(parents=True)
    mac = [str(path) for path in config_files(home, "darwin", Path("/prefix"))]
    assert str(tmp_path / "Library/Application Support/pip/pip.conf") in mac
    windows = [path.name for path in config_files(home, "win32", Path("/prefix"))]
    assert windows == ["pip.ini"] * 4
