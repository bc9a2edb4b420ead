"""Settings: the environment first, then the file; a bad value is one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import UsageError
from freehold.settings import Settings


def test_the_environment_moves_the_store(tmp_path: Path) -> None:
    assert Settings.load({"FREEHOLD_HOME": str(tmp_path)}).home == tmp_path


def test_without_a_choice_the_platform_decides_and_nothing_is_created() -> None:
    home = Settings.load({}).home
    assert home.is_absolute()
    assert "freehold" in str(home).lower()
    assert not home.exists()


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'engine = "built"\ndefault_model = "gemma"\nthreads = 3\nlimit = "1MB/s"\nhf_endpoint = "http://h/"\n'
    )
    env = {"FREEHOLD_HOME": str(tmp_path)}
    settings = Settings.load(env)
    assert (settings.default_model, settings.threads, settings.limit) == ("gemma", 3, "1MB/s")
    assert settings.hf_endpoint == "http://h"
    assert settings.engine == "built"
    assert Settings.load(env | {"FREEHOLD_ENGINE": "bundled"}).engine == "bundled"
    settings = Settings.load(env | {"FREEHOLD_MODEL": "smollm2", "FREEHOLD_THREADS": "1"})
    assert (settings.default_model, settings.threads) == ("smollm2", 1)


@pytest.mark.parametrize(
    ("text", "env", "says"),
    [
        ("threads = [", {}, "not valid TOML"),
        ("default_model = 3", {}, "default_model"),
        ("threads = 'many'", {}, "FREEHOLD_THREADS"),
        ("", {"FREEHOLD_THREADS": "0"}, "above zero"),
        ("", {"FREEHOLD_THREADS": "1.5"}, "whole number"),
    ],
)
def test_a_bad_value_is_one_clear_sentence(
    tmp_path: Path, text: str, env: dict[str, str], says: str
) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(UsageError, match=says):
        Settings.load(env | {"FREEHOLD_HOME": str(tmp_path)})


@pytest.mark.parametrize(("word", "asked"), [("0", False), ("false", False), ("yes", True)])
def test_whether_peers_are_asked(tmp_path: Path, word: str, asked: bool) -> None:
    home = {"FREEHOLD_HOME": str(tmp_path)}
    assert Settings.load(home).peers
    assert Settings.load({**home, "FREEHOLD_PEERS": word}).peers is asked
    (tmp_path / "config.toml").write_text("peers = false")
    assert not Settings.load(home).peers
    with pytest.raises(UsageError, match="FREEHOLD_PEERS"):
        Settings.load({**home, "FREEHOLD_PEERS": "perhaps"})
