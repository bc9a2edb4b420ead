"""Set Freehold up with nothing but Python, and use it at once. Standard library only.

    python3 start.py run "Why is the sky blue?"     set up, get a small model, answer
    python3 start.py test                           set up for developers, run the tests
    python3 start.py check                          the linters, the types, the layers, the docs

Everything goes into a `.venv` folder beside this file; remove it and nothing is left. Any other
words are passed on to the freehold command: `python3 start.py list`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = Path(os.environ.get("FREEHOLD_VENV", HERE / ".venv"))
OLDEST = (3, 11)


def main(words: list[str]) -> int:
    if sys.version_info < OLDEST:
        print(f"error: Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
        return 2
    if not words or words[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    match words[0]:
        case "test":
            python = set_up("test")
            return subprocess.call([python, "-m", "pytest", *words[1:]], cwd=HERE)
        case "check":
            return check(set_up("check"))
        case "run":
            return subprocess.call([set_up(None), "-m", "freehold", "run", "--yes", *words[1:]])
        case _:
            return subprocess.call([set_up(None), "-m", "freehold", *words])


def set_up(extra: str | None) -> str:
    """Make the environment where it is missing, or out of date; return its Python."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = ENVIRONMENT / folder / ("python.exe" if os.name == "nt" else "python")
    wanted = (HERE / "pyproject.toml").read_text() + str(extra)
    stamp = ENVIRONMENT / f"freehold-{extra or 'base'}.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    if not python.exists():
        print(f"Setting up in {ENVIRONMENT} (once)", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True)
    what = f"{HERE}[{extra}]" if extra else str(HERE)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.check_call([*install, "--editable", what])
    stamp.write_text(wanted)
    return str(python)


def check(python: str) -> int:
    """Everything beside the tests that must hold before a change lands."""
    tools = [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        ["docs/check.py"],
    ]
    failed = []
    for tool in tools:
        print(f"\n== {' '.join(tool)}", flush=True)
        if subprocess.call([python, *tool], cwd=HERE):
            failed.append(" ".join(tool))
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
