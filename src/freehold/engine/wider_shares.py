"""One change to llama.cpp's source before it is compiled: larger shares of a matrix for a thread.

For an answer token each matrix is multiplied with a single column. llama.cpp deals its rows out to
the threads 64 at a time, in turn: each thread reads a little and leaps over what the others read,
and a processor that fetches ahead brings what is already another core's. Measured on two cores,
the second thread then gained little; with shares of 512 rows answers were written about 1.3 times
as fast. What is computed stays the same: a row is one dot product, whoever does it.

Matrices of fewer rows than four shares for each thread are cut into one piece for each, so beside
another busy program a thread takes less of the work from one that is held up.

A source without that line, such as another version's, is compiled as it is.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from freehold.errors import EngineError

SHARE = 512
"""Rows that a thread takes at a time."""
_FILE = Path("thirdparty/llama.cpp/ggml/src/ggml-cpu/ggml-cpu.c")
_BEFORE = "chunk_size = 64;"
"""Once for plain matrices, once for those of experts."""


def unpacked(source: Path, place: Path) -> Path:
    """The folder of a source package, unpacked in `place`. Raises EngineError."""
    try:
        with tarfile.open(source) as archive:
            if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and later
                archive.extraction_filter = tarfile.data_filter
            archive.extractall(place)  # noqa: S202 - its own code is compiled and run next
    except (OSError, tarfile.TarError) as error:
        raise EngineError(
            f"{source} cannot be unpacked: {type(error).__name__}: {error}.", "Get it again."
        ) from error
    folders = [each for each in place.iterdir() if each.is_dir()]
    if len(folders) != 1:
        raise EngineError(f"{source} holds no single folder: it is no source package.")
    return folders[0]


def widen_shares(folder: Path) -> bool:
    """Change the source in `folder`; False where the line is not there, and nothing is changed."""
    file = folder / _FILE
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    if _BEFORE not in text:
        return False
    file.write_text(text.replace(_BEFORE, f"chunk_size = {SHARE};"), encoding="utf-8")
    return True
