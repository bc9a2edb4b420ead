"""The worker as a process: what it may see and hold, how it goes, and what is said of its death."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from freehold.engine.interface import ChatRequest, LoadPlan, Message, Sampling
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.llama_model import LlamaCppModel
from freehold.errors import EngineError, NotEnoughMemory, WorkerDied

LONG = ChatRequest((Message("user", "Write a long story."),), Sampling())

PARENT = """
import sys, time
from pathlib import Path
from freehold.engine.interface import LoadPlan
from freehold.engine.llama_cpp import LlamaCppEngine
loading = LlamaCppEngine().start(LoadPlan(Path(sys.argv[1]), 256, threads=1))
if sys.argv[2] == "loaded":
    model = loading.wait()
print(loading.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where workers make their private folders. Short: a socket's path must be."""
    place = Path("/tmp") / f"fh-test-{os.getpid()}-{os.urandom(4).hex()}"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    return place


@pytest.fixture(autouse=True)
def _nothing_left(folder: Path) -> Iterator[None]:
    yield
    folder.rmdir()  # fails when a worker left anything


@pytest.fixture
def model(folder: Path, smollm2: Path) -> Iterator[LlamaCppModel]:
    with LlamaCppEngine().load(LoadPlan(smollm2, 512, threads=1)) as loaded:
        yield loaded


def gone(pid: int) -> bool:
    """Whether a process of someone else's ends."""
    try:
        psutil.Process(pid).wait(timeout=60)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_closing_leaves_no_process_no_zombie_and_no_folder(folder: Path, smollm2: Path) -> None:
    model = LlamaCppEngine().load(LoadPlan(smollm2, 256))
    (private,) = folder.iterdir()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    model.close()
    assert not psutil.pid_exists(model.pid)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "killed: the system may have run out of memory"),
        (signal.SIGABRT, "gave up on an error of its own"),
        (signal.SIGSEGV, "not its own"),
    ],
)
def test_a_worker_that_dies_in_mid_answer(
    model: LlamaCppModel, number: signal.Signals, words: str
) -> None:
    answer = model.chat(LONG)
    next(answer)
    os.kill(model.pid, number)
    with pytest.raises(WorkerDied, match=words):
        list(answer)
    for ask in (lambda: list(model.chat(LONG)), model.peak_memory, lambda: model.tokenize("hi")):
        with pytest.raises(WorkerDied, match=words):
            ask()


def test_the_last_words_of_a_dead_worker_are_in_the_hint(model: LlamaCppModel) -> None:
    private = Path(model.ready.address.removeprefix("unix://")).parent
    with (private / "log").open("a") as log:
        log.write("0.00.001.000 E ggml: GGML_ASSERT(rows > 0) failed\n")
    os.kill(model.pid, signal.SIGABRT)
    with pytest.raises(WorkerDied) as caught:
        list(model.chat(LONG))
    assert "GGML_ASSERT(rows > 0) failed" in str(caught.value.hint)


def test_a_worker_that_is_killed_while_it_loads(smollm2: Path) -> None:
    loading = LlamaCppEngine().start(LoadPlan(smollm2, 256))
    os.kill(loading.pid, signal.SIGKILL)
    with pytest.raises(WorkerDied, match=r"while loading .*killed: the system may"):
        loading.wait()
    assert not psutil.pid_exists(loading.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits of other processes: Linux only")
def test_too_little_memory_is_said_as_that(smollm2: Path) -> None:
    loading = LlamaCppEngine().start(LoadPlan(smollm2, 65536))
    limit = 900_000_000  # less than the context wants, more than the file
    psutil.Process(loading.pid).rlimit(psutil.RLIMIT_AS, (limit, limit))
    with pytest.raises(NotEnoughMemory, match=r"1440\.00 MB") as caught:
        loading.wait()
    assert "smaller" in str(caught.value.hint)


@pytest.mark.parametrize("moment", ["loaded", "loading"])
def test_a_worker_goes_when_its_parent_is_killed(
    folder: Path, smollm2: Path, repository: Path, moment: str
) -> None:
    environment = os.environ | {"PYTHONPATH": str(repository / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(smollm2), moment],
        stdout=subprocess.PIPE,
        env=environment,
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    assert gone(worker)
    assert list(folder.iterdir()) == []


def test_ctrl_c_in_the_terminal_does_not_reach_it(model: LlamaCppModel) -> None:
    assert os.getsid(model.pid) != os.getsid(0)
    os.kill(model.pid, signal.SIGINT)
    assert model.peak_memory() > 0


def test_it_opens_no_port(model: LlamaCppModel) -> None:
    answer = model.chat(LONG)
    next(answer)
    assert psutil.Process(model.pid).net_connections(kind="inet") == []
    answer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_inherits_no_files_and_no_terminal(smollm2: Path) -> None:
    mine, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    with LlamaCppEngine().load(LoadPlan(smollm2, 256)) as model:
        held = {file.name: str(file.readlink()) for file in Path(f"/proc/{model.pid}/fd").iterdir()}
    secret = str(Path(f"/proc/self/fd/{theirs}").readlink())
    os.close(mine)
    os.close(theirs)
    assert secret not in held.values()
    assert held["0"].startswith("pipe:")
    assert held["1"] == held["2"]
    assert held["2"].endswith("/log")


def test_it_sees_no_secrets_and_no_proxies(smollm2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "http_proxy", "HF_TOKEN", "HF_ENDPOINT", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("GGML_CHOICE", "kept")
    with LlamaCppEngine().load(LoadPlan(smollm2, 256)) as model:
        seen = psutil.Process(model.pid).environ()
    assert "secret" not in seen.values()
    assert "HOME" not in seen
    assert seen["GGML_CHOICE"] == "kept"


def test_a_crash_writes_no_conversation_to_the_disk(model: LlamaCppModel) -> None:
    if sys.platform == "linux":
        assert psutil.Process(model.pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)


def test_the_peak_is_the_workers_own_and_not_ours(model: LlamaCppModel) -> None:
    before = model.peak_memory()
    ours = bytearray(b"x") * (before + (64 << 20))  # we hold more than it ever did
    with LlamaCppEngine().load(LoadPlan(Path(model_path(model)), 256, threads=1)) as other:
        assert 100_000_000 < other.peak_memory() < len(ours)


def model_path(model: LlamaCppModel) -> str:
    """The file that a worker has open, as its plan named it."""
    maps = psutil.Process(model.pid).memory_maps()
    return next(region.path for region in maps if region.path.endswith(".gguf"))


def test_a_deep_temporary_folder_is_no_obstacle(
    smollm2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    with LlamaCppEngine().load(LoadPlan(smollm2, 256, threads=1)) as model:
        assert model.tokenize("hi")


def test_a_binding_that_is_not_there(smollm2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.engine.worker_process.find_spec", lambda name: None)
    with pytest.raises(EngineError, match="not installed") as caught:
        LlamaCppEngine().load(LoadPlan(smollm2, 256))
    assert "pip install" in str(caught.value.hint)


def test_a_binding_that_does_not_import(
    smollm2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xllamacpp").mkdir()
    (tmp_path / "xllamacpp" / "__init__.py").write_text("raise ImportError('libgomp is missing')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match="libgomp is missing") as caught:
        LlamaCppEngine().load(LoadPlan(smollm2, 256))
    assert "pip install" in str(caught.value.hint)
