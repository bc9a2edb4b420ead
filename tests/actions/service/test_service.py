"""The service: what it asks of the system, and what it makes of the answers.

`systemctl`, `journalctl` and `launchctl` are small programs here that write down what they were
asked; the unit file is read by the real systemd-analyze where there is one.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from freehold.actions.service.choose import passed_on, serve_command, service
from freehold.actions.service.launchd import Launchd
from freehold.actions.service.systemd import Systemd, unit
from freehold.errors import FreeholdError, UsageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither system")


class Programs:
    """Stand-ins on PATH, which answer with an exit code and a text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked_file = folder / "asked"

    def put(self, name: str, code: int = 0, text: str = "", error: str = "") -> None:
        path = self.folder / name
        path.write_text(
            f"#!/bin/sh\necho {name} \"$@\" >> '{self.asked_file}'\n"
            f"printf '%s' '{text}'\nprintf '%s' '{error}' >&2\nexit {code}\n"
        )
        path.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        return self.asked_file.read_text().splitlines() if self.asked_file.exists() else []


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Programs(folder)


def test_systemd_is_told_to_start_it_now_and_at_each_log_in(
    programs: Programs, tmp_path: Path
) -> None:
    programs.put("systemctl")
    here = Systemd(tmp_path / "units")
    here.install(serve_command(["--port", "2411"]), {"FREEHOLD_HOME": "/my models"})
    assert programs.asked == [
        "systemctl --user daemon-reload",
        "systemctl --user enable freehold.service",
        "systemctl --user restart freehold.service",
    ]
    text = here.file.read_text()
    assert f'ExecStart="{sys.executable}" "-m" "freehold" "serve" "--port" "2411"' in text
    assert 'Environment="FREEHOLD_HOME=/my models"' in text
    assert here.remove()
    assert not here.file.exists()
    assert not here.remove()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_itself_accepts_the_unit(tmp_path: Path) -> None:
    odd = tmp_path / "a 100% $HOME folder" / "python"
    odd.parent.mkdir()
    odd.symlink_to(sys.executable)
    file = tmp_path / "freehold.service"
    file.write_text(
        unit(
            [str(odd), "-m", "freehold", "serve", "--pin", '$HOME "x"'],
            {"FREEHOLD_HOME": "/a %h b"},
        )
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "freehold.service" not in done.stderr


def test_no_token_or_key_goes_into_the_file() -> None:
    environment = {"FREEHOLD_HOME": "/m", "HF_TOKEN": "secret", "FREEHOLD_THREADS": ""}
    assert passed_on(environment) == {"FREEHOLD_HOME": "/m"}


def test_a_line_break_cannot_add_lines_to_the_unit() -> None:
    with pytest.raises(UsageError):
        unit(["python"], {"FREEHOLD_HOME": "/m\nExecStartPre=/bin/evil"})


@pytest.mark.parametrize(
    ("code", "text", "running"),
    [(0, "active\n", True), (3, "inactive\n", False), (3, "failed\n", False)],
)
def test_what_systemd_says_is_the_status(
    programs: Programs, tmp_path: Path, code: int, text: str, running: bool
) -> None:
    programs.put("systemctl", code, text)
    status = Systemd(tmp_path).status()
    assert (status.running, status.detail) == (running, text.strip())
    assert not status.installed


def test_a_refusal_is_said_in_the_systems_words(programs: Programs, tmp_path: Path) -> None:
    programs.put("systemctl", 1, error="Failed to connect to bus: No medium found")
    with pytest.raises(FreeholdError, match="No medium found"):
        Systemd(tmp_path / "units").start()


def test_the_journal_is_asked_for_the_last_lines(programs: Programs, tmp_path: Path) -> None:
    programs.put("journalctl", text="ready on http://127.0.0.1:2411")
    assert "ready" in Systemd(tmp_path).logs(5)
    assert programs.asked == [
        "journalctl --user-unit=freehold.service --lines=5 --no-pager --output=cat"
    ]


def test_launchd_gets_an_agent_that_it_restarts(programs: Programs, tmp_path: Path) -> None:
    programs.put("launchctl")
    here = Launchd(tmp_path / "agents", tmp_path / "logs" / "freehold.log")
    here.install(serve_command([]), {"FREEHOLD_HOME": "/m"})
    agent = plistlib.loads(here.file.read_bytes())
    assert agent["ProgramArguments"] == [sys.executable, "-m", "freehold", "serve"]
    assert agent["RunAtLoad"] is True
    assert [line.split()[1] for line in programs.asked] == ["bootout", "bootstrap"]
    (tmp_path / "logs" / "freehold.log").write_text("one\ntwo\nthree\n")
    assert here.logs(2) == "two\nthree"
    assert here.remove()
    assert not here.file.exists()


def test_launchd_says_whether_it_runs(programs: Programs, tmp_path: Path) -> None:
    here = Launchd(tmp_path / "agents", tmp_path / "freehold.log")
    programs.put("launchctl", 0, "gui/501/org.freehold.serve = {\n\tstate = running\n}")
    assert here.status().running
    programs.put("launchctl", 113, error="Could not find service")
    assert here.status().detail == "not loaded"
    assert here.logs(3) == ""


def test_a_system_with_neither_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UsageError) as caught:
        service()
    assert "freehold serve" in str(caught.value.hint)
