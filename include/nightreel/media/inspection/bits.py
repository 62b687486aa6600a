"""Numbers of any count of bits, one after the other, as H.264, HEVC and AAC write them."""

from typing import Self


class Bits:
    """Reads from the first bit on. Bits after the end count as 0."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    @classmethod
    def of_unit(cls, unit: bytes, header: int) -> Self:
        """Those of a NAL unit after its header of so many bytes.

        Bytes that only keep the unit from looking like a start code are left out (ITU-T H.264, 7.4.1).
        """
        return cls(unit[header:].replace(b"\0\0\3", b"\0\0"))

    def number(self, count: int) -> int:
        """A number of `count` bits; 0 if it is cut off."""
        self._left -= count
        shifted = self._value >> self._left if self._left >= 0 else 0
        return shifted & ((1 << count) - 1)

    def flag(self) -> bool:
        """Whether the next bit is 1."""
        return bool(self.number(1))

    def exp_golomb(self) -> int:
        """A number in Exp-Golomb code (ITU-T H.264, 9.1; H.265, 9.2)."""
        zeros = 0
        while self._left > 0 and not self.number(1):
            zeros += 1
        return (1 << zeros) - 1 + self.number(zeros)

    def skip_exp_golombs(self, count: int) -> None:
        """Passes over so many numbers in Exp-Golomb code, signed or not."""
        for _ in range(count):
            self.exp_golomb()
