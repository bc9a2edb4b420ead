"""A llama-server as a guest: what the contract does not say of it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from freehold.engine.interface import ChatRequest, LoadPlan, Message, Sampling, TextRequest
from freehold.engine.llama_model import LlamaCppModel
from freehold.engine.llama_server import LlamaServerEngine
from freehold.errors import EngineError, WorkerDied

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts")

LONG = ChatRequest((Message("user", "Write a long story."),), Sampling())
SHORT = TextRequest("Once", Sampling(seed=1, max_tokens=2))

PARENT = """
import sys, time
from pathlib import Path
from freehold.engine.interface import LoadPlan
from freehold.engine.llama_server import LlamaServerEngine
loading = LlamaServerEngine(Path(sys.argv[1])).start(LoadPlan(Path(sys.argv[2]), 256, threads=1))
model = loading.wait()
print(model.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private folders are made. Short: a socket's path must be."""
    place = Path("/tmp") / f"fh-test-{os.getpid()}-{os.urandom(4).hex()}"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    return place


@pytest.fixture
def model(folder: Path, llama_server: Path, smollm2: Path) -> Iterator[LlamaCppModel]:
    with LlamaServerEngine(llama_server).load(LoadPlan(smollm2, 512, threads=1)) as loaded:
        yield loaded


def program(folder: Path, shell: str) -> Path:
    """A script that calls itself a llama-server."""
    path = folder / "llama-server"
    path.write_text(f"#!/bin/sh\n{shell}\n")
    path.chmod(0o755)
    return path


def test_closing_leaves_no_process_and_no_folder(model: LlamaCppModel, folder: Path) -> None:
    keeper = psutil.Process(model.pid).parent()
    assert keeper is not None
    assert model.peak_memory() > 50_000_000
    model.close()
    assert not psutil.pid_exists(model.pid)
    assert not keeper.is_running()
    assert list(folder.iterdir()) == []
    with pytest.raises(EngineError, match="closed"):
        list(model.complete(SHORT))


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGKILL, "killed: the system may have run out"), (signal.SIGSEGV, "not its own")],
)
def test_a_server_that_dies_in_mid_answer(
    model: LlamaCppModel, number: signal.Signals, words: str
) -> None:
    answer = model.chat(LONG)
    next(answer)
    os.kill(model.pid, number)
    with pytest.raises(WorkerDied, match=words):
        list(answer)
    for ask in (model.peak_memory, lambda: model.tokenize("hi")):
        with pytest.raises(WorkerDied, match=words):
            ask()


def test_it_goes_when_freehold_is_killed(
    folder: Path, llama_server: Path, smollm2: Path, repository: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(llama_server), str(smollm2)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(repository / "src")},
    ) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        keeper = server.parent()
        parent.kill()
    assert keeper is not None
    keeper.wait(timeout=60)  # it clears up last
    assert not server.is_running()
    assert list(folder.iterdir()) == []


def test_ctrl_c_in_the_terminal_does_not_reach_it(model: LlamaCppModel) -> None:
    assert os.getsid(model.pid) != os.getsid(0)
    assert psutil.Process(model.pid).net_connections(kind="inet") == []  # and it opens no port


def test_it_sees_no_secrets_and_no_home(
    folder: Path, llama_server: Path, smollm2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HF_TOKEN", "LLAMA_ARG_HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    with LlamaServerEngine(llama_server).load(LoadPlan(smollm2, 256, threads=1)) as model:
        seen = psutil.Process(model.pid).environ()
    assert "secret" not in seen.values()
    assert "HOME" not in seen


def test_over_tcp_only_whoever_has_the_key_is_answered(llama_server: Path, smollm2: Path) -> None:
    engine = LlamaServerEngine(llama_server, unix_socket=False)
    with engine.load(LoadPlan(smollm2, 256, threads=1)) as model:
        assert list(model.complete(SHORT))
        assert model.ready.key
        assert model.ready.key not in " ".join(psutil.Process(model.pid).cmdline())
        connection = http.client.HTTPConnection(model.ready.address.removeprefix("http://"))
        connection.request("POST", "/completion", b'{"prompt": "hi"}')
        response = connection.getresponse()
        assert response.status == 401
        response.read()
        connection.close()
        listening = psutil.Process(model.pid).net_connections(kind="inet")
        assert {each.laddr.ip for each in listening} == {"127.0.0.1"}


def test_given_up_while_it_loads(folder: Path, llama_server: Path, smollm2: Path) -> None:
    loading = LlamaServerEngine(llama_server).start(LoadPlan(smollm2, 256, threads=1))
    loading.close()
    assert not psutil.pid_exists(loading.pid)
    assert list(folder.iterdir()) == []


def test_one_that_refuses_an_option_says_which(tmp_path: Path, smollm2: Path) -> None:
    script = 'case $1 in --help) echo "--model --ctx-size --parallel --threads-http --batch-size '
    script += '--threads --threads-batch --no-warmup";; --version) echo "version: 9";; '
    script += '*) echo "error: invalid argument: --threads-http"; exit 1;; esac'
    engine = LlamaServerEngine(program(tmp_path, script))
    with pytest.raises(EngineError, match=r"does not know .*--threads-http") as caught:
        engine.load(LoadPlan(smollm2, 256, threads=1))
    assert "freehold engine list" in str(caught.value.hint)


def test_one_that_cannot_be_started(tmp_path: Path, smollm2: Path) -> None:
    dead = program(tmp_path, "exit 0")
    dead.chmod(0o644)
    with pytest.raises(EngineError, match="cannot be started"):
        LlamaServerEngine(dead).load(LoadPlan(smollm2, 256))
    with pytest.raises(EngineError, match="cannot be read"):
        LlamaServerEngine(tmp_path / "absent").fingerprint()
