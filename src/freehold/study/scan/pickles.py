"""What a pickle would do if it were loaded, found without loading it.

A pickle is a program for a small machine; loading one runs it, and it can call anything that Python
can import. Here it is only read: each instruction is taken apart by `pickletools`, and the names
that it would import are worked out from the texts it pushes. What it computes is never computed.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from freehold.formats.file_window import FileWindow

MAX_READ = 64 << 20
"""Bytes of one pickle that are read; longer ones hold their tensors inside."""
_MAX_STEPS = 2_000_000
_MAX_MEMBERS = 10_000
_CALLS = frozenset({"REDUCE", "BUILD", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ"})
_UNKNOWN = "a computed name"
_NUMPY = ("_reconstruct", "scalar")
_STORAGES = ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
_TORCH = ("Size", "device", "float16", "bfloat16", "float32", "float64", "int8", "int64", "uint8")
_HARMLESS = frozenset(
    {
        "collections.OrderedDict",
        "collections.defaultdict",
        "_codecs.encode",
        "numpy.dtype",
        "numpy.ndarray",
        *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in _NUMPY),
        *(f"torch._utils._rebuild_{name}" for name in ("tensor", "tensor_v2", "parameter")),
        "torch.serialization._get_layout",
        "torch.storage.UntypedStorage",
        *(f"torch.{kind}Storage" for kind in _STORAGES),
        *(f"torch.{name}" for name in _TORCH),
    }
)
"""What files of weights import to be rebuilt; these make arrays and tables, and nothing else."""


@dataclass(frozen=True)
class PickleFacts:
    """What one pickle would import and call."""

    where: str
    """The file; within a zip, the member too."""
    imports: tuple[str, ...]
    """As `module.name`, in order, each once."""
    calls: int
    whole: bool
    """Whether it was read to its end."""
    trouble: str | None
    """Why it could not be read further."""

    @property
    def unusual(self) -> tuple[str, ...]:
        """Imports that files of weights have no use for."""
        return tuple(name for name in self.imports if name not in _HARMLESS)


@dataclass(frozen=True)
class ArchiveFacts:
    """What is in one file that may hold pickles."""

    pickles: tuple[PickleFacts, ...]
    code: tuple[str, ...]
    """Members that are Python code, as TorchScript has."""
    trouble: str | None = None


def read_pickles(path: Path, name: str) -> ArchiveFacts:
    """The pickles in a file, by its contents: a zip such as PyTorch writes, or one after another.

    A pickle of the oldest kinds has no mark: what has none, imports nothing and does not end as one
    is no pickle.
    """
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head == b"PK":
            return _in_zip(file, name)
        found = tuple(_one_after_another(file, path.stat().st_size, name))
    marked = head[:1] == b"\x80"
    return ArchiveFacts(found if marked or found[0].whole or found[0].imports else (), ())


def _in_zip(file: BinaryIO, name: str) -> ArchiveFacts:
    pickles: list[PickleFacts] = []
    code: list[str] = []
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist()[:_MAX_MEMBERS]:
                lower = member.filename.lower()
                if lower.endswith((".py", ".pyc")):
                    code.append(member.filename)
                elif lower.endswith((".pkl", ".pickle")):
                    with archive.open(member) as packed:
                        data = packed.read(MAX_READ)
                    where = f"{name}: {member.filename}"
                    pickles.append(_read(io.BytesIO(data), where, cut=len(data) == MAX_READ))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        return ArchiveFacts(tuple(pickles), tuple(code), f"its zip cannot be read: {error}")
    return ArchiveFacts(tuple(pickles), tuple(code))


def _one_after_another(file: BinaryIO, size: int, name: str) -> Iterator[PickleFacts]:
    """The pickles at the beginning of a file; old PyTorch files have several, then raw numbers."""
    at = 0
    for number in range(16):
        window = FileWindow(file, at, min(size - at, MAX_READ))
        reader = io.BufferedReader(window)
        where = name if number == 0 else f"{name}, byte {at:,}"
        facts = _read(reader, where, cut=size - at > MAX_READ)
        yield facts
        at += reader.tell()
        file.seek(at)
        if not facts.whole or file.read(1) != b"\x80":
            return


@dataclass
class _Machine:
    """As much of the pickle machine as is needed to know which names are imported."""

    stack: list[object] = field(default_factory=list)
    memo: dict[int, object] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    calls: int = 0

    def step(self, opcode: pickletools.OpcodeInfo, value: object) -> None:
        name = opcode.name
        self.calls += name in _CALLS
        if name in {"GLOBAL", "INST"}:
            self.imports.append(str(value).replace(" ", ".", 1))
        elif name == "STACK_GLOBAL":
            module, attribute = ([None, None, *self.stack])[-2:]
            known = isinstance(module, str) and isinstance(attribute, str)
            self.imports.append(f"{module}.{attribute}" if known else _UNKNOWN)
        elif name in {"EXT1", "EXT2", "EXT4"}:
            self.imports.append(f"extension {value}")
        if name in {"PUT", "BINPUT", "LONG_BINPUT"} and self.stack and isinstance(value, int):
            self.memo[value] = self.stack[-1]
        elif name == "MEMOIZE" and self.stack:
            self.memo[len(self.memo)] = self.stack[-1]
        elif name in {"GET", "BINGET", "LONG_BINGET"} and isinstance(value, int):
            self.stack.append(self.memo.get(value))
        elif name == "DUP" and self.stack:
            self.stack.append(self.stack[-1])
        else:
            self._move(opcode, value)

    def _move(self, opcode: pickletools.OpcodeInfo, value: object) -> None:
        for taken in reversed(opcode.stack_before):
            if taken is pickletools.stackslice:
                while self.stack and self.stack[-1] is not pickletools.markobject:
                    self.stack.pop()
            elif self.stack:
                self.stack.pop()
        for given in opcode.stack_after:
            if given is pickletools.markobject:
                self.stack.append(given)
            else:
                self.stack.append(value if isinstance(value, str) else None)


def _read(file: BinaryIO | io.BufferedReader, where: str, *, cut: bool) -> PickleFacts:
    machine, whole, trouble = _Machine(), False, None
    try:
        for count, (opcode, value, _) in enumerate(pickletools.genops(file)):
            if count > _MAX_STEPS:
                trouble = f"it goes on after {_MAX_STEPS:,} instructions"
                break
            machine.step(opcode, value)
            whole = opcode.name == "STOP"
    except (ValueError, EOFError, OverflowError, MemoryError, UnicodeDecodeError) as error:
        end = f"only its first {MAX_READ:,} bytes were read" if cut else str(error)
        trouble = f"it cannot be read to its end: {end}"
    imports = tuple(dict.fromkeys(machine.imports))
    return PickleFacts(where, imports, machine.calls, whole, trouble)
