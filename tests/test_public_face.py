"""What `import freehold` offers: exactly what it says, and nothing is loaded before it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import freehold


def test_every_name_is_there_and_no_other() -> None:
    for name in freehold.__all__:
        assert getattr(freehold, name) is not None
    assert dir(freehold) == sorted(freehold.__all__)
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = freehold.opne  # type: ignore[attr-defined]


def test_the_types_name_the_same(repository: Path) -> None:
    stub = (repository / "src" / "freehold" / "__init__.pyi").read_text()
    offered = stub[stub.index("__all__") :]
    assert sorted(re.findall(r'"(\w+)"', offered)) == sorted(freehold.__all__)


def test_to_import_it_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import freehold; print(set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "numpy" not in done.stdout
    assert "freehold." not in done.stdout
