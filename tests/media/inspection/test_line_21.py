"""Captions of several channels are told apart, in whatever turns they come."""

from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.line_21 import Channels, Services

_LOAD, _SHOW, _PAGE = (0x14, 0x20), (0x14, 0x2F), (0x14, 0x2A)
_FIRST_FIELD, _SECOND_FIELD, _START, _GOES_ON = 0xFC, 0xFD, 0xFF, 0xFE
_CHANNELS = ("CC1", "CC2", "CC3", "CC4")
_letters = st.text("abcdefgh ,.?", min_size=1, max_size=20).map(lambda text: text + " " * (len(text) % 2))


def _with_parity(byte: int) -> int:
    return byte | (0x80 if byte.bit_count() % 2 == 0 else 0)


def _three(kind: int, first: int, second: int) -> bytes:
    return bytes([kind, _with_parity(first), _with_parity(second)])


def _control(channel: str, code: tuple[int, int]) -> bytes:
    number = int(channel[-1])
    kind = _FIRST_FIELD if number <= 2 else _SECOND_FIELD
    first = code[0] | (0 if number % 2 else 0x08) | (number > 2)
    return _three(kind, first, code[1])


def _written(channel: str, text: str, mode: tuple[int, int] = _LOAD) -> bytes:
    kind = _FIRST_FIELD if int(channel[-1]) <= 2 else _SECOND_FIELD
    pairs = (text[at : at + 2].encode() for at in range(0, len(text), 2))
    return _control(channel, mode) + b"".join(_three(kind, *pair) for pair in pairs)


def _programme(name: str) -> bytes:
    """What the second field tells of the programme."""
    pairs = [
        (0x01, 0x03),
        *(tuple(name[at : at + 2].encode()) for at in range(0, len(name), 2)),
        (0x0F, 0x20),
    ]
    return b"".join(_three(_SECOND_FIELD, *pair) for pair in pairs)


def _read(data: bytes) -> dict[str, str]:
    """The letters of every channel."""
    found: dict[str, str] = {}
    for pair in Channels().read(data):
        if pair.printed:
            text = bytes(byte & 0x7F for byte in pair.data).decode()
            found[pair.channel] = found.get(pair.channel, "") + text
    return found


@given(st.lists(st.tuples(st.sampled_from([*_CHANNELS, "T1", "T3", "XDS"]), _letters), max_size=20))
def test_every_channel_keeps_its_own_letters_and_no_others(turns: list[tuple[str, str]]) -> None:
    data, expected = b"", dict[str, str]()
    for channel, text in turns:
        if channel == "XDS":
            data += _programme(text)
            continue
        data += _written(channel, text, _PAGE if channel.startswith("T") else _LOAD)
        expected[channel] = expected.get(channel, "") + text
    assert _read(data) == expected


@given(st.sampled_from(_CHANNELS), _letters)
def test_every_channel_reads_as_the_first_one_does(channel: str, text: str) -> None:
    data = _written(channel, text) + _control(channel, _SHOW)
    first = _written("CC1", text) + _control("CC1", _SHOW)
    assert [pair.data for pair in Channels().read(data)] == [pair.data for pair in Channels().read(first)]


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_read(data: bytes) -> None:
    assert {pair.channel[:-1] for pair in Channels().read(data)} <= {"CC", "T"}
    services = Services()
    services.read(data)
    services.end()
    assert all(0 < number < 64 for number in services.found)


def test_letters_before_any_command_are_nobodys() -> None:
    assert _read(_three(_FIRST_FIELD, *b"ab")) == {}


def test_a_name_of_the_programme_goes_on_after_a_caption() -> None:
    begun = _three(_SECOND_FIELD, 0x01, 0x03) + _three(_SECOND_FIELD, *b"Ni")
    goes_on = _three(_SECOND_FIELD, 0x02, 0x03) + _three(_SECOND_FIELD, *b"gh")
    assert _read(begun + _written("CC3", "Hello ") + goes_on) == {"CC3": "Hello "}


def test_services_of_one_packet_are_all_found() -> None:
    """Begun in one picture and ended in the next: two services, and an extended one."""
    packet = bytes([0x04, 0x21, 0x41, 0x42, 0x42, 0x42, 0xE1, 0x09])
    services = Services()
    services.read(bytes([_START, *packet[:2], _GOES_ON, *packet[2:4]]))
    services.read(bytes([_GOES_ON, *packet[4:6], _GOES_ON, *packet[6:]]))
    services.end()
    assert services.found == {1, 2, 9}


def test_empty_blocks_are_no_service() -> None:
    services = Services()
    services.read(bytes([_START, 0x02, 0x20, _GOES_ON, 0, 0]))
    services.end()
    assert services.found == set()
