from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.caption_bytes import MARK, in_order, in_unit, meant

_threes = st.lists(st.binary(min_size=3, max_size=3), max_size=31).map(b"".join)


def _escaped(data: bytes) -> bytes:
    """As a codec keeps start codes out (ITU-T H.264, 7.4.1)."""
    found = bytearray()
    for byte in data:
        if byte <= 3 and found[-2:] == b"\0\0":
            found.append(3)
        found.append(byte)
    return bytes(found)


@given(st.lists(_threes, max_size=3))
def test_what_a_picture_carries_is_found_behind_every_mark(carried: list[bytes]) -> None:
    unit = b"".join(MARK + bytes([0x40 | len(data) // 3, 0xFF]) + data for data in carried)
    assert in_unit(_escaped(unit), escaped=True) == b"".join(carried)
    assert in_unit(unit, escaped=False) == b"".join(carried)


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_are_too_odd(data: bytes, escaped: bool) -> None:
    assert len(in_unit(MARK + data, escaped=escaped)) <= 3 * 31 + 3 * 31 * data.count(MARK)


@given(st.permutations(range(40)))
def test_pictures_come_in_the_order_of_showing(times: list[int]) -> None:
    assert [time for time, _ in in_order((float(time), b"") for time in times)] == list(range(40))


def test_a_second_beginning_is_read_after_the_first() -> None:
    pictures = [(5.0, b"a"), (4.0, b"b"), None, (1.0, b"c")]
    assert [data for _, data in in_order(pictures)] == [b"b", b"a", b"c"]


def test_what_fills_the_room_says_nothing() -> None:
    hello, filling, invalid, digital = b"\xfc\xc8\xe5", b"\xfc\x80\x80", b"\xf8\xc8\xe5", b"\xff\x00\x00"
    assert meant(hello + filling + invalid + digital) == hello + digital
