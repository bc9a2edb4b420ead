"""A Reed-Solomon code over whole chunks: weighted sums of them, and back from what is left.

The code itself is reedsolo's: it is asked for the weights, one byte at a time, and every byte that
it would make is made here too. The chunks are then summed without it, because it handles a byte at
a time and Python's integers handle a hundred thousand: each chunk is read as bits laid side by
side, so that multiplying by a weight is nothing but XOR of long integers.

It knows nothing of files or hashes: whoever restores a chunk with it proves the chunk.
"""

from __future__ import annotations

from collections.abc import Sequence

FIELD = 0x11D
"""The polynomial of the field of 256 elements: x^8 + x^4 + x^3 + x^2 + 1. Part of the format."""
LIMIT = 255
"""Chunks that one code can hold, data and parity together."""
PACKET = 16 << 10
"""Bytes that hold the same bit of neighbouring symbols, at most. Part of the format; this size
keeps what is worked on in the processor's cache."""
_BITS = 8


class StripeCode:
    """A systematic code: `data` chunks and `parity` sums of them, any `data` of which suffice."""

    def __init__(self, data: int, parity: int) -> None:
        import reedsolo  # type: ignore[import-not-found,import-untyped,unused-ignore]  # no types

        self.data = data
        self.parity = parity
        self._codec = reedsolo.RSCodec(parity, nsize=LIMIT, fcr=0, prim=FIELD, generator=2)

    def encoding(self) -> list[bytes]:
        """For each data chunk, its weight in each of the parity sums.

        The code is linear, so encoding a single one tells the weights.
        """
        weights = []
        for position in range(self.data):
            unit = bytearray(self.data)
            unit[position] = 1
            weights.append(bytes(self._codec.encode(unit)[self.data :]))
        return weights

    def decoding(self, lost: Sequence[int], sums: Sequence[int]) -> list[bytes]:
        """For each parity sum used, its weight in each of the lost data chunks.

        `lost` are positions of data chunks and `sums` as many numbers of parity sums, each without
        what the data chunks that are left put into it. Decoding a single one tells the weights.
        """
        erased = [*lost, *(self.data + sum_ for sum_ in range(self.parity) if sum_ not in sums)]
        weights = []
        for used in sums:
            unit = bytearray(self.data + self.parity)
            unit[self.data + used] = 1
            message = self._codec.decode(unit, erase_pos=erased, only_erasures=True)[0]
            weights.append(bytes(message[position] for position in lost))
        return weights


class Sums:
    """Sums of cells, each cell times a weight for each sum, in the field of 256 elements.

    A cell is `size` bytes, a multiple of 8. It is cut into blocks of 8 packets; bit t of packet b
    of a block is bit b of the block's symbol t.
    """

    def __init__(self, count: int, size: int) -> None:
        self._count = count
        self._packets = _packets(size)
        self._sums = [[0] * (_BITS * count) for _ in self._packets]

    def add(self, cell: bytes | memoryview, weights: Sequence[int], masks: Masks) -> None:
        """Add `cell`, times weight w to sum w."""
        # A product's bit is the XOR of some of the packets: looked up in two tables of the sixteen
        # sums of four packets, made once for all weights.
        wanted = [
            (_BITS * number + bit, mask & 15, mask >> 4)
            for number, weight in enumerate(weights)
            for bit, mask in enumerate(masks[weight])
        ]
        for (begin, size), sums in zip(self._packets, self._sums, strict=True):
            packet = [
                int.from_bytes(cell[begin + size * bit : begin + size * (bit + 1)], "little")
                for bit in range(_BITS)
            ]
            low, high = _sixteen(*packet[:4]), _sixteen(*packet[4:])
            for place, of_low, of_high in wanted:
                sums[place] ^= low[of_low] ^ high[of_high]

    def results(self) -> list[bytes]:
        """The sums, each as long as a cell."""
        return [
            b"".join(
                part.to_bytes(size, "little")
                for (_, size), sums in zip(self._packets, self._sums, strict=True)
                for part in sums[_BITS * number : _BITS * (number + 1)]
            )
            for number in range(self._count)
        ]


Masks = Sequence[Sequence[int]]
"""For each weight, for each bit of a product, which bits of the other factor are XORed for it."""


def product_masks() -> Masks:
    """The masks of all 256 weights, from reedsolo's multiplication."""
    import reedsolo  # type: ignore[import-not-found,import-untyped,unused-ignore]  # no types

    masks = []
    for weight in range(256):
        products = [reedsolo.gf_mult_noLUT(weight, 1 << bit, prim=FIELD) for bit in range(_BITS)]
        masks.append(
            [
                sum(((product >> out) & 1) << bit for bit, product in enumerate(products))
                for out in range(_BITS)
            ]
        )
    return masks


def _packets(size: int) -> list[tuple[int, int]]:
    """Where each block of a cell begins, and the size of its eight packets."""
    block = _BITS * PACKET
    return [(begin, min(block, size - begin) // _BITS) for begin in range(0, size, block)]


def _sixteen(a: int, b: int, c: int, d: int) -> list[int]:
    """The XOR of each of the sixteen choices of the four; bit 0 of the index chooses `a`."""
    few = [0, a, b, a ^ b]
    few += [c ^ value for value in few]
    return few + [d ^ value for value in few]
