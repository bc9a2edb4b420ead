"""A model's card in words, as a JSON document, and as a picture of where its bytes are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from freehold.cli.describe import human_count, licence_words
from freehold.cli.study.shown import facts, percent, visible
from freehold.cli.terminal import print_table, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.study_files import StudyFiles
    from freehold.formats.gguf_facts import Network, PerLayer
    from freehold.study.card import Card, Share

_FEW_SPECIALS = 12


def print_card(card: Card, files: StudyFiles) -> None:
    """`freehold study card`, for a person."""
    print(printable("\n".join([visible(card.name), "", *_what(card), *_network(card)])))
    for heading, shares in (("PART", card.parts), ("TYPE", card.types)):
        print()
        _print_shares(heading, shares, card.parameters)
    if not card.parts:
        print("It holds no tensors.")
    for lines in (_tokenizer(card), _template(card), _origin(card, files)):
        if said := list(lines):
            print("\n" + printable("\n".join(said)))


def special_lines(card: Card) -> Iterator[str]:
    """Every special token that was gathered."""
    if card.vocabulary is None:
        yield "The file has no vocabulary."
        return
    for token in card.vocabulary.specials:
        role = f"  {token.role}" if token.role else ""
        yield f"{token.id:>8}  {visible(token.text)}{role}"
    if (left := card.vocabulary.special_count - len(card.vocabulary.specials)) > 0:
        yield f"and {left:,} more"


def card_json(card: Card, files: StudyFiles) -> dict[str, Any]:
    """The card, and what the ledger knows where the model is owned."""
    from freehold.cli.describe import model_json
    from freehold.cli.study.plain import plain

    document: dict[str, Any] = plain(card)
    document["bits_per_weight"] = card.bits_per_weight
    for group in (document["parts"], document["types"]):
        for share in group:
            share["bits_per_weight"] = 8 * share["size"] / max(share["elements"], 1)
    document["owned"] = model_json(files.owned.model) if files.owned else None
    return document


def picture(card: Card) -> str:
    """Where the bytes are: a bar for what is in no layer, and one for each layer."""
    from freehold.cli.svg_stack import StackChart, StackRow, stack_chart

    names = tuple(share.name for share in card.parts)
    rows = tuple(
        StackRow(
            "outside layers" if each.layer is None else f"layer {each.layer}",
            tuple(
                sum(share.size for share in each.parts if share.name == name) / 1e6
                for name in names
            ),
        )
        for each in card.layers
    )
    subtitle = f"{human_count(card.parameters)} parameters, {human_bytes(card.size)}"
    return stack_chart(
        StackChart(f"Where the bytes of {card.name} are", "MB", names, rows, subtitle)
    )


def _what(card: Card) -> Iterator[str]:
    said = card.facts
    files = f" in {len(card.files)} files" if len(card.files) > 1 else ""
    head = f", of it {human_bytes(card.header_size)} header"
    yield from facts(
        (
            ("title", visible(said.name, 200) if said and said.name else None),
            ("kind", said.kind if said and said.kind != "model" else None),
            ("file", f"{card.format}, {human_bytes(card.size)}{files}{head}"),
            ("architecture", visible(card.architecture, 80) if card.architecture else None),
            ("parameters", f"{human_count(card.parameters)} ({card.parameters:,})"),
            ("packed as", said.weights.quantization if said else None),
            ("on average", f"{card.bits_per_weight:.2f} bits per weight"),
            (
                "output",
                "no matrix of its own: the embedding serves" if card.tied else "its own matrix",
            ),
            *((visible(key, 40), visible(value, 200)) for key, value in card.metadata),
        )
    )


def _network(card: Card) -> Iterator[str]:
    if card.facts is None:
        return
    network = card.facts.network
    rope = card.rope
    scaled = f", {rope.scaling} x {rope.factor:g}" if rope and rope.scaling and rope.factor else ""
    trained = rope.original_context if rope else None
    before = f" (before scaling: {trained:,})" if trained else ""
    yield from facts(
        (
            ("layers", _number(network.layers)),
            ("width", _number(network.embedding_width)),
            ("MLP width", _per_layer(network.feed_forward_width)),
            ("attention", _attention(network)),
            ("experts", _experts(network)),
            (
                "context",
                f"{network.context_length:,} tokens{before}" if network.context_length else None,
            ),
            ("window", _window(network)),
            ("positions", f"rotary, base {rope.base:,.0f}{scaled}" if rope and rope.base else None),
        )
    )


def _attention(network: Network) -> str | None:
    heads, kv_heads = _per_layer(network.heads), _per_layer(network.kv_heads)
    if heads is None:
        return None
    shared = f", {kv_heads} for keys and values" if kv_heads and kv_heads != heads else ""
    wide = f", each {network.key_width} wide" if network.key_width else ""
    return f"{heads} heads{shared}{wide}"


def _experts(network: Network) -> str | None:
    if not network.experts:
        return None
    return f"{network.experts}, {network.experts_used or 'an unknown number'} for each token"


def _window(network: Network) -> str | None:
    if not network.sliding_window:
        return None
    return f"{network.sliding_window:,} tokens, in layers that have one"


def _number(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"


def _per_layer(value: PerLayer) -> str | None:
    if not isinstance(value, tuple):
        return _number(value)
    low, high = min(value), max(value)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _print_shares(heading: str, shares: tuple[Share, ...], parameters: int) -> None:
    size = sum(share.size for share in shares)
    rows = [
        (
            share.name,
            f"{share.tensors:,}",
            f"{share.elements:,}",
            percent(share.elements, parameters),
            human_bytes(share.size),
            percent(share.size, size),
            f"{share.bits_per_weight:.2f}",
        )
        for share in shares
    ]
    headings = (heading, "TENSORS", "PARAMETERS", "OF ALL", "BYTES", "OF ALL", "BITS EACH")
    print_table(headings, rows, right={1, 2, 3, 4, 5, 6})


def _tokenizer(card: Card) -> Iterator[str]:
    if card.facts is None or card.vocabulary is None:
        return
    said, vocabulary = card.facts.tokenizer, card.vocabulary
    kinds = {"gpt2": "byte-level BPE", "llama": "SentencePiece", "bert": "WordPiece"}
    kind = kinds.get(said.model or "", visible(said.model or "of an unnamed kind", 40))
    pre = f", cut as {visible(said.pre, 40)}" if said.pre else ""
    merges = f", {vocabulary.merges:,} merges" if vocabulary.merges else ""
    begins = {True: "puts the first token before a text", False: "adds nothing before a text"}
    yield f"tokenizer     {kind}{pre}: {said.vocabulary or 0:,} tokens{merges}"
    if said.add_bos is not None:
        yield f"              {begins[said.add_bos]}"
    yield f"special       {vocabulary.special_count:,} tokens"
    shown = sorted(vocabulary.specials, key=lambda token: (token.role is None, token.id))
    for token in shown[:_FEW_SPECIALS]:
        role = f"  {token.role}" if token.role else ""
        yield f"{token.id:>12}  {visible(token.text, 60)}{role}"
    if vocabulary.special_count > _FEW_SPECIALS:
        yield "              all of them: --specials"


def _template(card: Card) -> Iterator[str]:
    if card.template_trouble:
        yield f"template      {card.template_trouble}"
    if card.facts is not None and card.facts.chat_template is None:
        yield "template      none: it continues text"
    if card.template is None:
        return
    template = card.template
    roles = [visible(role, 40) for role in template.roles]
    if template.takes_any_role:
        roles.append("any other, as it is given")
    yield f"template      {template.characters:,} characters: --template shows it"
    yield from facts(
        (
            ("  roles", ", ".join(roles) or "no turn's role is looked at"),
            ("  tools", "yes" if template.tools else "no"),
            ("  thinking", "yes" if template.thinking else "no"),
            ("  the clock", "it asks for the date or time" if template.clock else None),
        )
    )
    for name, _ in card.facts.named_templates if card.facts else ():
        yield f"  another     for {visible(name, 60)}"
    for said in template.prose:
        yield f"  says itself {visible(said.text, 300)}"


def _origin(card: Card, files: StudyFiles) -> Iterator[str]:
    if card.facts is not None:
        origin = card.facts.origin
        yield from facts(
            (
                (
                    "licence",
                    f"{visible(origin.licence, 80)}, says the file" if origin.licence else None,
                ),
                ("made by", visible(origin.organization or origin.author or "", 120)),
                ("quantized by", visible(origin.quantized_by or "", 120)),
                ("languages", visible(", ".join(origin.languages), 200)),
                ("data", visible(", ".join({p.name or "?" for p in origin.datasets}), 300)),
                ("made from", visible(", ".join(p.name or "?" for p in origin.base_models), 300)),
            )
        )
    if files.owned is None:
        yield "owned         no: this is a file at a path"
        return
    model = files.owned.model
    yield f"owned as      {model.name}, {licence_words(model.licence)}"
    for parent in model.parents:
        yield f"{parent.relation:<14}from {visible(parent.name or parent.id)}"
    for child in files.owned.store.lineage(model).children:
        yield f"made of it    {visible(child.name)}"
