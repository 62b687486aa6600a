"""What the parameter sets of HEVC say, whatever they say before it."""

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.hevc_parameters import parameters
from tests.media.conftest import MakeClip
from tests.media.hevc import PQ, hevc_film

_CODES = (9, 18, 9)
_SETS = {"video": 0, "sequence": 1, "picture": 0}


@pytest.mark.parametrize(
    "options",
    [
        ("scaling-list=default", "sar=3", "overscan=show", "videoformat=pal", "chromaloc=2"),
        ("temporal-layers=3", "bframes=4", "b-adapt=0"),
        ("amp=1", "rect=1", "hrd=1", "vbv-maxrate=500", "vbv-bufsize=500"),
    ],
    ids=["a full description", "sub-layers", "other tools and rates"],
)
def test_the_colours_are_found_behind_what_x265_writes(make_clip: MakeClip, options: tuple[str, ...]) -> None:
    with av.open(str(make_clip(hevc_film(*PQ, *options, "display-window=0,2,0,4")))) as container:
        record = container.streams.video[0].codec_context.extradata
    assert record is not None
    found = parameters(record)
    assert found is not None
    assert (found.profile, found.colour_codes, found.shows_part) == (1, (9, 16, 9), True)
    assert (found.high_tier, found.fields_allowed, found.begins_inside) == (False, False, False)
    assert found.sets == {"video": 1, "sequence": 1, "picture": 1}


def u(value: int, bits: int) -> str:
    return f"{value:0{bits}b}" if bits else ""


def ue(*values: int) -> str:
    """In Exp-Golomb code."""
    return "".join("0" * ((value + 1).bit_length() - 1) + f"{value + 1:b}" for value in values)


@st.composite
def reference_sets(draw: st.DrawFn) -> str:
    """Some sets of references, each said in full or by the one before it (ITU-T H.265, 7.3.7)."""
    written, size = "", 0
    count = draw(st.integers(0, 4))
    for number in range(count):
        if number and draw(st.booleans()):
            kept = draw(st.lists(st.sampled_from(["1", "01", "00"]), min_size=size + 1, max_size=size + 1))
            written += "1" + u(0, 1) + ue(3) + "".join(kept)
            size = sum(each != "00" for each in kept)
        else:
            before, after = draw(st.integers(0, 4)), draw(st.integers(0, 4))
            written += "0" * (number > 0) + ue(before, after) + (ue(1) + "1") * (before + after)
            size = before + after
    return ue(count) + written


@st.composite
def scaling_lists(draw: st.DrawFn) -> str:
    """None, the default ones, or some of their own (ITU-T H.265, 7.3.4)."""
    kind = draw(st.sampled_from(["0", "10", "11"]))
    if kind != "11":
        return kind
    lists = [(size, draw(st.booleans())) for size in range(4) for _ in range(6 if size < 3 else 2)]
    return kind + "".join(
        "1" + ue(8) * (size > 1) + ue(*range(16 if size == 0 else 64)) if own else "0" + ue(0)
        for size, own in lists
    )


@st.composite
def sequence_sets(draw: st.DrawFn) -> bytes:
    """With any of the parts that an encoder may leave out (ITU-T H.265, 7.3.2.2.1 and E.2.1)."""
    layers = draw(st.integers(0, 6))
    present = draw(st.lists(st.sampled_from(["00", "01", "10", "11"]), min_size=layers, max_size=layers))
    per_layer = "".join(u(0, 88 * int(each[0])) + u(93, 8 * int(each[1])) for each in present)
    padding = u(0, 2 * (8 - layers)) if layers else ""
    ordering = draw(st.booleans())
    long_term = draw(st.integers(0, 3))
    bits = "".join(
        (
            u(0, 4) + u(layers, 3) + "1",
            u(2, 8) + u(0, 32) + "1001" + u(0, 44) + u(153, 8),
            *("".join(present), padding, per_layer),
            ue(0, 1, 1920, 1088) + "1" + ue(0, 0, 0, 4) + ue(2, 2, 4),
            u(ordering, 1) + ue(4, 2, 5) * (layers + 1 if ordering else 1) + ue(0, 3, 0, 3, 1, 1),
            draw(scaling_lists()) + "11",
            draw(st.sampled_from(["0", "1" + u(0x77, 8) + ue(0, 1) + "1"])),
            draw(reference_sets()),
            ("1" + ue(long_term) + (u(200, 8) + "1") * long_term) if long_term else "0",
            "111",
            draw(st.sampled_from(["0", "1" + u(3, 8), "1" + u(255, 8) + u(40, 16) + u(33, 16)])),
            draw(st.sampled_from(["0", "11"])),
            "1" + u(5, 3) + "01" + "".join(u(code, 8) for code in _CODES),
            draw(st.sampled_from(["0", "1" + ue(2, 2)])),
            "000" + "1" + ue(1, 0, 0, 0),
        )
    )
    whole = bits + "1" + "0" * (-(len(bits) + 1) % 8)
    payload = b""
    for byte in int(whole, 2).to_bytes(len(whole) // 8):
        # No three bytes may look like the beginning of a unit (7.4.2).
        payload += b"\3" * (payload[-2:] == b"\0\0" and byte <= 3) + bytes([byte])
    return b"\x42\1" + payload


@given(sequence_sets())
def test_the_colours_are_found_behind_any_other_part(unit: bytes) -> None:
    found = parameters(_record(unit))
    assert found is not None
    assert (found.profile, found.level, found.colour_codes) == (2, 51, _CODES)
    assert (found.shows_part, found.begins_inside, found.sets) == (True, False, _SETS)


@given(st.binary(max_size=80))
def test_any_bytes_end(data: bytes) -> None:
    assert parameters(data) is None or len(data) > 23
    assert parameters(_record(b"\x42\1" + data)) is not None


def _record(unit: bytes) -> bytes:
    """A decoder configuration record with one sequence parameter set (ISO/IEC 14496-15, 8.3.3.1)."""
    return b"\1" + bytes(21) + b"\1" + b"\x21\0\1" + len(unit).to_bytes(2) + unit
