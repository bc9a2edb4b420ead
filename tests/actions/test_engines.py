"""Which engine runs a model, and how one is chosen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from freehold.actions.engines import (
    available_engines,
    chosen_name,
    engine_for,
    identity_of,
    remove_engine,
    use_engine,
)
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import EngineIdentity
from freehold.errors import EngineError, UsageError
from freehold.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts")


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return Settings(home=home)


def llama_server(folder: Path, version: str = "version: 7000 (abc)") -> Path:
    """A program that knows llama-server's --help and --version, and no more."""
    folder.mkdir(exist_ok=True)
    path = folder / "llama-server"
    path.write_text(f"#!/bin/sh\necho '--model --ctx-size'\necho '{version}'\n")
    path.chmod(0o755)
    return path


def test_without_a_choice_it_is_the_bundled_one(settings: Settings) -> None:
    assert engine_for(settings).name == "bundled"
    (row,) = available_engines(settings)
    assert row.chosen
    assert row.identity is not None
    assert row.identity.version[:4].isdigit()
    assert "AVX2" in row.identity.instructions or os.uname().machine != "x86_64"
    assert (Path(row.place) / "xllamacpp").is_dir()


def test_a_llama_server_on_the_path_is_found_and_can_be_chosen(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineError, match="No llama-server is on the PATH"):
        use_engine(settings, "llama-server")
    program = llama_server(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert [row.name for row in available_engines(settings)] == ["bundled", "llama-server"]
    assert use_engine(settings, "llama-server").version == "7000 (abc)"
    assert engine_for(settings).name == "llama-server"
    assert [row.chosen for row in available_engines(settings)] == [False, True]
    use_engine(settings, "bundled")
    assert engine_for(settings).name == "bundled"


def test_one_elsewhere_is_named_by_its_path(settings: Settings, tmp_path: Path) -> None:
    program = llama_server(tmp_path / "my build")
    use_engine(settings, str(program))
    assert engine_for(settings).name == str(program)
    assert available_engines(settings)[-1].place == str(program)
    program.unlink()
    with pytest.raises(EngineError, match="There is no llama-server at"):
        engine_for(settings)
    gone = available_engines(settings)[-1]
    assert gone.chosen
    assert gone.identity is None
    assert str(program) in str(gone.trouble)


def test_a_command_then_the_settings_then_the_choice(settings: Settings, tmp_path: Path) -> None:
    program = str(llama_server(tmp_path / "bin"))
    use_engine(settings, program)
    assert chosen_name(settings) == program
    told = Settings(home=settings.home, engine="bundled")
    assert engine_for(told).name == "bundled"
    assert engine_for(told, program).name == program


def test_a_name_that_is_none_is_answered_with_those_that_are(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no engine 'ollama'") as caught:
        engine_for(settings, "ollama")
    assert "bundled, built, llama-server" in str(caught.value.hint)
    with pytest.raises(EngineError, match="No engine has been built") as missing:
        engine_for(settings, "built")
    assert "freehold engine build" in str(missing.value.hint)
    with pytest.raises(UsageError, match="not built by Freehold"):
        remove_engine(settings, "bundled")


def test_a_program_that_is_no_llama_server_cannot_be_chosen(
    settings: Settings, tmp_path: Path
) -> None:
    program = tmp_path / "other"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(EngineError, match="is no llama-server"):
        use_engine(settings, str(program))
    assert chosen_name(settings) == "bundled"


def test_an_engine_is_asked_once_until_its_file_changes(settings: Settings, tmp_path: Path) -> None:
    program = llama_server(tmp_path / "bin")
    first = identity_of(settings, engine_for(settings, str(program)))
    asked: list[str] = []

    class Asked(FakeEngine):
        def identity(self) -> EngineIdentity:
            asked.append("asked")
            return super().identity()

    for _ in range(3):
        assert identity_of(settings, Asked()).name == "fake"
    assert asked == ["asked"]
    llama_server(program.parent, "version: 7001 (def)")
    os.utime(program, (1, 1))
    assert identity_of(settings, engine_for(settings, str(program))) != first
    assert identity_of(settings, Asked()).version == "1"
    assert asked == ["asked"]
