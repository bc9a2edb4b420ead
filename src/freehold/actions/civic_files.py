"""The public data files of a home: what is kept, since when, and where it came from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from freehold.civic.index.sets import DataSet, Kind
from freehold.errors import StorageError
from freehold.store.durable import storage_errors, write_durably

INDEX = Path("civic", "index.sqlite")
"""The index, under the home."""
_VERSION = 1
_BLOCK = 1 << 20


@dataclass(frozen=True)
class KeptFile:
    """One file of public data that is here."""

    name: str
    kind: Kind
    title: str
    as_of: date
    """When it was published, as far as that is known; else when it came here."""
    sha256: str
    size: int
    address: str = ""
    licence: str = ""
    version: str = ""
    """What its server called this version of it: an ETag, a date."""


class CivicFiles:
    """The folder of them."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "civic" / "sources"
        self.incoming = home / "civic" / "incoming"
        self.index = home / INDEX
        self._list = self.folder / "list.json"

    def all(self) -> dict[str, KeptFile]:
        """By name; those whose file is gone are left out. Raises StorageError."""
        with storage_errors("read the list of public data"):
            try:
                data = self._list.read_bytes()
            except FileNotFoundError:
                return {}
        try:
            rows = json.loads(data)["files"]
            kept = [
                KeptFile(
                    **{
                        **row,
                        "kind": Kind(row["kind"]),
                        "as_of": date.fromisoformat(row["as_of"]),
                    }
                )
                for row in rows
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"{self._list} cannot be read: {error}.", "Remove that folder and fetch it again."
            ) from error
        return {file.name: file for file in kept if (self.folder / file.name).is_file()}

    def keep(self, arrived: dict[str, tuple[Path, KeptFile]], kept: dict[str, KeptFile]) -> None:
        """Move what arrived into the folder, and write the list anew."""
        with storage_errors("keep the public data"):
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, (path, _) in arrived.items():
                path.replace(self.folder / name)
            rows = [
                {**asdict(file), "as_of": file.as_of.isoformat()}
                for file in sorted(kept.values(), key=lambda file: file.name)
            ]
            document = json.dumps({"version": _VERSION, "files": rows}, indent=1)
            write_durably(self._list, document.encode())

    def data_set(self, file: KeptFile, path: Path | None = None) -> DataSet:
        """A kept file as the index reads it; `path` for one that is not in its place yet."""
        where = path or self.folder / file.name
        return DataSet(
            file.kind, where, file.title, file.as_of, file.sha256, file.address, file.licence
        )


def sha256_of(path: Path) -> str:
    """The hash of a file, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with storage_errors(f"read {path}"), path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
