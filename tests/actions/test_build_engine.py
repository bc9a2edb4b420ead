"""Building an engine: the whole path for real, from a source package that builds in a second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.engine_source import write_source, write_tool

from freehold.actions.build_engine import build_engine, plan_build
from freehold.actions.engines import (
    available_engines,
    built_engines,
    chosen_name,
    engine_for,
    remove_engine,
    use_engine,
)
from freehold.engine.interface import Finished, LoadPlan, Sampling, TextRequest
from freehold.errors import EngineError, NotFound, StoreBusy, UsageError
from freehold.settings import Settings


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


def build(settings: Settings, source: Path, said: Callable[[str], None] = lambda _: None) -> None:
    build_engine(settings, plan_build(settings, source), said=said)


def folders(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.home / "engines").iterdir() if path.is_dir())


def test_what_is_built_runs_models_until_it_is_removed(
    settings: Settings, tmp_path: Path, smollm2: Path
) -> None:
    said: list[str] = []
    build(settings, write_source(tmp_path), said.append)
    assert "ggml.cpp" in said
    record = built_engines(settings).record()
    assert record is not None
    assert record.source == "xllamacpp-2026.1.1.tar.gz"
    assert record.instructions
    assert "-DGGML_NATIVE=ON" in record.cmake_arguments
    log = (settings.home / "engines" / "build.log").read_text()
    assert "-DGGML_NATIVE=ON" in log

    assert use_engine(settings, "built").instructions == record.instructions
    with engine_for(settings).load(LoadPlan(smollm2, 256, threads=1)) as model:
        *_, end = model.complete(TextRequest("Once", Sampling(seed=1, max_tokens=4)))
    assert isinstance(end, Finished)
    assert end.usage.answer_tokens == 4
    assert [row.name for row in available_engines(settings) if row.chosen] == ["built"]

    remove_engine(settings, "built")
    assert folders(settings) == []
    assert chosen_name(settings) == "bundled"
    with pytest.raises(EngineError, match="nothing was removed"):
        remove_engine(settings, "built")


def test_a_newer_one_takes_the_place_of_the_old(settings: Settings, tmp_path: Path) -> None:
    build(settings, write_source(tmp_path))
    (first,) = folders(settings)
    build(settings, write_source(tmp_path, version="2026.1.2"))
    (second,) = folders(settings)
    record = built_engines(settings).record()
    assert record is not None
    assert first != second == record.folder
    assert record.source == "xllamacpp-2026.1.2.tar.gz"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("failing", "error: no type half"), ("broken", "no libgomp")],
)
def test_what_fails_changes_nothing_and_says_why(
    settings: Settings, tmp_path: Path, behaviour: str, words: str
) -> None:
    build(settings, write_source(tmp_path))
    before = folders(settings), built_engines(settings).record()
    with pytest.raises(EngineError, match=words) as caught:
        build(settings, write_source(tmp_path, behaviour, version="2026.1.2"))
    assert (folders(settings), built_engines(settings).record()) == before
    if behaviour == "failing":
        assert "build.log" in str(caught.value.hint)
        assert words in (settings.home / "engines" / "build.log").read_text()
    else:
        assert "was thrown away" in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent to a process as a signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_is_interrupted_is_not_half_installed(
    settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    source, reached = write_source(tmp_path, "slow"), tmp_path / "reached"
    command = [sys.executable, "-m", "freehold", "engine", "build", "--yes", "--from", str(source)]
    with subprocess.Popen(
        command,
        env={**os.environ, "TEST_REACHED": str(reached)},
        stderr=subprocess.PIPE,
        # Python hears no Ctrl-C where the shell that started the tests has turned it off.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as builder:
        while not reached.exists():
            assert builder.poll() is None, builder.stderr and builder.stderr.read()
            time.sleep(0.05)
        family = psutil.Process(builder.pid).children(recursive=True)
        with pytest.raises(StoreBusy, match="Another Freehold is building"):
            build(settings, source)
        builder.send_signal(number)
        builder.wait(timeout=60)
    if number == signal.SIGINT:
        assert builder.returncode == 130
        assert folders(settings) == []
        assert not [process for process in family if process.is_running()]
    for process in family:
        if process.is_running():
            process.kill()
    assert not built_engines(settings).exists()
    build(settings, write_source(tmp_path, version="2026.1.2"))  # clears what a kill has left
    assert len(folders(settings)) == 1


def test_a_source_that_is_none(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no source package at"):
        plan_build(settings, tmp_path / "absent.tar.gz")
    other = tmp_path / "numpy-2.0.tar.gz"
    other.write_bytes(b"")
    with pytest.raises(UsageError, match="not a source package of the engine") as caught:
        plan_build(settings, other)
    assert "pip download" in str(caught.value.hint)
    rubbish = tmp_path / "xllamacpp-1.0.tar.gz"
    rubbish.write_bytes(b"not an archive")
    with pytest.raises(EngineError, match="cannot be read"):
        plan_build(settings, rubbish)


@pytest.mark.skipif(sys.platform == "win32", reason="there the compiler is not on the PATH")
def test_tools_that_are_missing_are_named_with_a_way_to_get_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CC", "CXX"):
        monkeypatch.delenv(name, raising=False)
    offline = plan_build(settings, write_source(tmp_path))
    assert [need.name for need in offline.missing] == [
        "C compiler",
        "C++ compiler",
        "cmake",
        "make or ninja",
    ]
    with pytest.raises(EngineError, match=r"C compiler, C\+\+ compiler, cmake") as caught:
        build_engine(settings, offline)
    assert "pip install cmake" in str(caught.value.hint)
    assert not (settings.home / "engines").exists()
    fetching = plan_build(settings)
    assert [need.name for need in fetching.missing] == ["C compiler", "C++ compiler"]
    assert fetching.minutes > 0


def test_offline_the_build_tools_are_beside_the_source_or_named(
    settings: Settings, tmp_path: Path
) -> None:
    source = write_source(tmp_path, requires="'little-tool >= 1'")
    (missing,) = plan_build(settings, source).missing
    assert missing.name == "Python's build tools"
    assert "pip install 'little-tool >= 1'" in missing.how
    assert source.name in missing.how
    write_tool(tmp_path, "little_tool")
    build(settings, source)
    assert built_engines(settings).exists()


def test_without_pip_it_says_so(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.engine.build_needs.find_spec", lambda name: None)
    with pytest.raises(EngineError, match="pip") as caught:
        build(settings, write_source(tmp_path))
    assert "ensurepip" in str(caught.value.hint)
