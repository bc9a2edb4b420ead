"""Does the data agree with itself? What a schema cannot say, as a list of sentences.

The strongest check is the count of parameters: worked out from the shape, it must agree with the
published one, which finds nearly every slip of the pen. Whether a licence's kind is the store's own
word for it is checked by the tests, since this room does not know the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from freehold.catalogue.entry import CatalogueEntry, Source
from freehold.catalogue.shapes import file_size
from freehold.catalogue.tensors import tensors
from freehold.errors import UsageError
from freehold.formats.mixes import MIXES
from freehold.names import ModelRef, Scheme

PARAMETER_TOLERANCE = 0.005
"""How far the count worked out from a shape may be from the published one. What is left out of it,
biases and small norms, is less."""
FILE_TOLERANCE = 0.03
"""The same for the size of a file."""
_FETCHED = {Scheme.HUGGINGFACE, Scheme.OLLAMA, Scheme.OCI, Scheme.PYPI, Scheme.URL}


def problems(entries: Sequence[CatalogueEntry], sources: Mapping[str, Source]) -> Iterator[str]:
    """What is wrong, one sentence each; nothing when all is well."""
    for what, names in (
        ("id", [entry.id for entry in entries]),
        ("title", [entry.title.casefold() for entry in entries]),
    ):
        yield from (f"two entries have the {what} {name}" for name in _twice(names))
    for entry in entries:
        for said in _of_one(entry, sources):
            yield f"{entry.id}: {said}"
    yield from (f"source {name}: nothing refers to it" for name in _unused(entries, sources))


def parameters_from_shape(entry: CatalogueEntry) -> int | None:
    """Parameters of the model's own file, as its shape has them; None without a shape."""
    if entry.shape is None:
        return None
    return sum(tensor.elements for tensor in tensors(entry.shape))


def _of_one(entry: CatalogueEntry, sources: Mapping[str, Source]) -> Iterator[str]:
    yield from _references(entry)
    unknown = {name for name in _cited(entry) if name not in sources}
    yield from (f"no source is called {name}" for name in sorted(unknown))
    if entry.licence.url is None and entry.licence.kind != "open source":
        yield "says neither an open licence nor where the text of its own is"
    if entry.active_parameters is not None and entry.active_parameters >= entry.parameters:
        yield "more parameters are active than there are"
    yield from _parameters(entry)
    yield from _files(entry)
    figures = Counter((each.benchmark, each.setting) for each in entry.quality)
    yield from (f"two figures for {name}" for (name, _), count in figures.items() if count > 1)


def _references(entry: CatalogueEntry) -> Iterator[str]:
    for text in entry.sources:
        try:
            ref = ModelRef.parse(text)
        except UsageError as error:
            yield f"{text} is no reference: {error.message}"
            continue
        if ref.scheme not in _FETCHED or str(ref) != text:
            yield f"{text} is not how a reference to a public place is written"


def _parameters(entry: CatalogueEntry) -> Iterator[str]:
    found = parameters_from_shape(entry)
    if found is None:
        return
    published = entry.parameters - entry.beside
    if abs(found / published - 1) > PARAMETER_TOLERANCE:
        yield (
            f"its shape has {found:,} parameters, published are {published:,} "
            f"({found / published - 1:+.1%})"
        )


def _files(entry: CatalogueEntry) -> Iterator[str]:
    for file in entry.files:
        if entry.shape is None or file.quantization not in MIXES:
            yield f"the size of a {file.quantization} file cannot be predicted"
            continue
        size = file_size(entry, file.quantization)
        if abs(size / file.size - 1) > FILE_TOLERANCE:
            yield f"{file.quantization} would be {size:,} bytes, published are {file.size:,}"


def _cited(entry: CatalogueEntry) -> set[str]:
    figures = {each.source for each in entry.quality} | {each.source for each in entry.files}
    return figures | set(entry.shape_sources)


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _unused(entries: Sequence[CatalogueEntry], sources: Mapping[str, Source]) -> list[str]:
    cited: set[str] = set().union(*(_cited(entry) for entry in entries))
    return sorted(set(sources) - cited)
