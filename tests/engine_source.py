"""A source package shaped like the engine's, whose build takes a second: it wraps the installed
binding instead of compiling one. pip builds it as it would the real one.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

_PYPROJECT = """
[build-system]
requires = [{requires}]
build-backend = "backend"
backend-path = ["."]
"""

_BACKEND = """
import base64, hashlib, os, shutil, sys, time, zipfile
from pathlib import Path

INFO = "xllamacpp-{version}.dist-info"
METADATA = "Metadata-Version: 2.1\\nName: xllamacpp\\nVersion: {version}\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def prepare_metadata_for_build_wheel(folder, settings=None):
    place = Path(folder) / INFO
    place.mkdir()
    (place / "METADATA").write_text(METADATA)
    (place / "WHEEL").write_text(WHEEL)
    return INFO

def build_wheel(folder, settings=None, metadata=None):
    print("cmake said:", os.environ["CMAKE_ARGS"], "jobs", os.environ["NPROC"], flush=True)
    print("[ 50%] Building CXX object ggml/src/CMakeFiles/ggml.dir/ggml.cpp.o", flush=True)
    {behaviour}
    name = "xllamacpp-{version}-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        for path in sorted(Path("xllamacpp").iterdir()):
            wheel.write(path, f"xllamacpp/{{path.name}}")
        wheel.writestr(f"{{INFO}}/METADATA", METADATA)
        wheel.writestr(f"{{INFO}}/WHEEL", WHEEL)
        wheel.writestr(f"{{INFO}}/RECORD", "")
    return name
"""

BEHAVIOURS = {
    "good": "pass",
    "slow": "Path(os.environ['TEST_REACHED']).touch(); time.sleep(120)",
    "failing": "print('ggml.cpp:7:1: error: no type half', flush=True); sys.exit(2)",
    "broken": "Path('xllamacpp/__init__.py').write_text('raise ImportError(\\'no libgomp\\')')",
}


def write_source(
    folder: Path, behaviour: str = "good", version: str = "2026.1.1", requires: str = ""
) -> Path:
    """Write `xllamacpp-VERSION.tar.gz`. A `slow` one says that it was reached, then waits."""
    found = find_spec("xllamacpp")
    assert found is not None
    assert found.origin is not None
    real = Path(found.origin).parent
    init = (real / "__init__.py").read_text()
    files = {
        "pyproject.toml": _PYPROJECT.format(requires=requires),
        "backend.py": _BACKEND.format(version=version, behaviour=BEHAVIOURS[behaviour]),
        "xllamacpp/__init__.py": f"__path__.append({str(real)!r})\n{init}",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: xllamacpp\nVersion: {version}\n",
    }
    path = folder / f"xllamacpp-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"xllamacpp-{version}/{name}")
            member.size = len(text.encode())
            member.mtime = 1_700_000_000  # a wheel is a zip file, and those begin in 1980
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def write_tool(folder: Path, name: str) -> Path:
    """Write the wheel of an empty Python package."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path
