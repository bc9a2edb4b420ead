from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
import reedsolo

from freehold.store.erasure import FIELD, PACKET, StripeCode, Sums, product_masks

MASKS = product_masks()


def encode(data: Sequence[bytes], parity: int) -> list[bytes]:
    sums = Sums(parity, len(data[0]))
    for cell, weights in zip(data, StripeCode(len(data), parity).encoding(), strict=True):
        sums.add(cell, weights, MASKS)
    return sums.results()


def symbols(cell: bytes) -> bytes:
    """The bytes of a one-block cell's symbols: bit t of packet b is bit b of symbol t."""
    size = len(cell) // 8
    packets = [int.from_bytes(cell[size * bit : size * (bit + 1)], "little") for bit in range(8)]
    return bytes(
        sum((packet >> place & 1) << bit for bit, packet in enumerate(packets))
        for place in range(8 * size)
    )


@pytest.mark.parametrize(("data", "parity"), [(1, 1), (7, 3), (20, 1), (231, 24)])
def test_the_parity_is_what_reedsolo_itself_makes_of_each_symbol(data: int, parity: int) -> None:
    chance = random.Random(data)
    cells = [chance.randbytes(32) for _ in range(data)]
    made = [symbols(cell) for cell in encode(cells, parity)]
    codec = reedsolo.RSCodec(parity, nsize=255)
    by_symbol = zip(*[symbols(cell) for cell in cells], strict=True)
    expected = [bytes(codec.encode(bytes(message)))[data:] for message in by_symbol]
    assert list(zip(*made, strict=True)) == [tuple(check) for check in expected]


def test_a_weight_multiplies_every_symbol_in_the_field() -> None:
    # One cell in which the 256 symbols each stand at the place of their value.
    packets = [sum((value >> bit & 1) << value for value in range(256)) for bit in range(8)]
    cell = b"".join(packet.to_bytes(32, "little") for packet in packets)
    for weight in range(256):
        sums = Sums(1, len(cell))
        sums.add(cell, [weight], MASKS)
        products = [reedsolo.gf_mult_noLUT(weight, value, prim=FIELD) for value in range(256)]
        assert list(symbols(sums.results()[0])) == products


@pytest.mark.parametrize("size", [8, 8 * PACKET, 8 * PACKET + 8, 20 * PACKET + 64])
def test_cells_of_any_multiple_of_eight_are_summed_to_the_last_byte(size: int) -> None:
    chance = random.Random(size)
    cells = [chance.randbytes(size) for _ in range(3)]
    first, second = Sums(1, size), Sums(1, size)
    for cell in cells:
        first.add(cell, [1], MASKS)
    expected = bytes(a ^ b ^ c for a, b, c in zip(*cells, strict=True))
    assert first.results() == [expected]
    for cell in [*cells, expected]:
        second.add(cell, [77], MASKS)
    assert second.results() == [bytes(size)]


def test_any_lost_chunks_come_back_from_as_many_parity_chunks() -> None:
    chance, restored = random.Random(7), 0
    for _ in range(60):
        count = chance.randint(1, 60)
        rows = chance.randint(1, 24)
        data = [chance.randbytes(16) for _ in range(count)]
        parity = encode(data, rows)
        lost = sorted(chance.sample(range(count), chance.randint(1, min(count, rows))))
        used = sorted(chance.sample(range(rows), len(lost)))
        assert restore(data, parity, lost, used) == [data[position] for position in lost]
        restored += len(lost)
    print(f"{restored} chunks restored in 60 random codes")


def test_the_largest_code_loses_all_it_may() -> None:
    chance = random.Random(11)
    data = [chance.randbytes(8) for _ in range(231)]
    lost, used = sorted(chance.sample(range(231), 24)), list(range(24))
    assert restore(data, encode(data, 24), lost, used) == [data[position] for position in lost]


def restore(
    data: list[bytes], parity: list[bytes], lost: list[int], used: list[int]
) -> list[bytes]:
    """Solve for the lost chunks, as a repair does."""
    code = StripeCode(len(data), len(parity))
    left = Sums(len(used), len(data[0]))
    for position, weights in enumerate(code.encoding()):
        if position not in lost:
            left.add(data[position], [weights[row] for row in used], MASKS)
    for place, row in enumerate(used):
        left.add(parity[row], [int(place == other) for other in range(len(used))], MASKS)
    found = Sums(len(lost), len(data[0]))
    for cell, weights in zip(left.results(), code.decoding(lost, used), strict=True):
        found.add(cell, weights, MASKS)
    return found.results()
