"""Set Freehold up from this folder, with no network, and use it. Needs Python 3.11 or newer.

    python3 start.py                          set up, then chat
    python3 start.py "Why is the sky blue?"   set up, then one answer

It goes into a folder of its own in your home folder (FREEHOLD_VENV names another); nothing else on
this machine is changed. Everything here is checked against SHA256SUMS before it is used.
"""

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHEELS = HERE / "wheels"
ENVIRONMENT = Path(os.environ.get("FREEHOLD_VENV") or Path.home() / ".freehold-environment")


def main(words: "list[str]") -> int:
    if sys.version_info < (3, 11):
        print("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ".")
        return 2
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    bad = changed_files()
    if bad:
        print("These files are damaged, so nothing was installed: " + ", ".join(bad))
        return 4
    python = set_up()
    bundle = models()
    run = [str(python), "-m", "freehold"]
    code = subprocess.call([*run, "import", str(bundle)])
    if code:
        return code
    name = first_name(subprocess.check_output([*run, "import", str(bundle), "--list", "--json"]))
    print("From now on: " + " ".join([*run, "run", name]))
    return subprocess.call([*run, "run", name, *words])


def changed_files() -> "list[str]":
    """Names of files that are not what SHA256SUMS says. The models prove themselves later."""
    bad = []
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = HERE / name
        if name.startswith("models/"):
            continue
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            bad.append(name)
    return bad


def set_up() -> Path:
    """The Python of an environment with Freehold in it. Made once; a newer stick updates it."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = ENVIRONMENT / folder / ("python.exe" if os.name == "nt" else "python")
    stamp = ENVIRONMENT / "freehold-stick"
    sums = (HERE / "SHA256SUMS").read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == sums:
        return python
    print("Setting Freehold up in " + str(ENVIRONMENT) + " (once)", flush=True)
    # pip comes along as a wheel, since some systems keep it out of Python.
    venv.create(ENVIRONMENT, with_pip=False, symlinks=os.name != "nt")
    pip = min(WHEELS.glob("pip-*.whl"))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    plain["PIP_CONFIG_FILE"] = os.devnull
    words = ["install", "--quiet", "--no-index", "--find-links", str(WHEELS), "--upgrade"]
    words += ["--no-compile", "--disable-pip-version-check", "freehold"]
    code = subprocess.call([str(python), str(pip / "pip"), *words], env=plain)
    if code:
        print("It could not be set up: this folder may have no wheels for this kind of machine,")
        print("or for Python " + sys.version.split()[0] + ". START.html says what it is for.")
        raise SystemExit(code)
    stamp.write_text(sums, encoding="utf-8")
    return python


def models() -> Path:
    """The bundle, or its first part. macOS leaves files of its own beside it on a stick: `._x`."""
    return min(path for path in (HERE / "models").iterdir() if path.name[0] != ".")


def first_name(listed: bytes) -> str:
    """The first model in the bundle."""
    return str(json.loads(listed)[0]["name"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
