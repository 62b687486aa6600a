from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import SourceRejected
from nightreel.media.inspection import boxes
from nightreel.media.inspection.boxes import Box, is_copy_protected, outermost_boxes


def _box(kind: bytes, payload: int, *, promised: int | None = None) -> bytes:
    return (8 + payload if promised is None else promised).to_bytes(4) + kind + bytes(payload)


def _boxes(tmp_path: Path, data: bytes) -> list[Box]:
    path = tmp_path / "file.mp4"
    path.write_bytes(data)
    return list(outermost_boxes(path))


def test_boxes_come_in_their_order_with_where_they_lie(tmp_path: Path) -> None:
    data = _box(b"ftyp", 16) + _box(b"mdat", 100) + _box(b"moov", 0)
    assert _boxes(tmp_path, data) == [Box("ftyp", 0, 24), Box("mdat", 24, 132), Box("moov", 132, 140)]


def test_a_long_size_is_read_from_behind_the_kind(tmp_path: Path) -> None:
    data = (1).to_bytes(4) + b"mdat" + (16 + 5).to_bytes(8) + bytes(5) + _box(b"moov", 2)
    assert _boxes(tmp_path, data) == [Box("mdat", 0, 21), Box("moov", 21, 31)]


def test_a_size_of_zero_reaches_to_the_end(tmp_path: Path) -> None:
    assert _boxes(tmp_path, _box(b"ftyp", 0) + _box(b"mdat", 50, promised=0)) == [
        Box("ftyp", 0, 8),
        Box("mdat", 8, 66),
    ]


def test_a_box_that_was_cut_off_ends_behind_the_file(tmp_path: Path) -> None:
    assert _boxes(tmp_path, _box(b"moov", 10, promised=500)) == [Box("moov", 0, 500)]


@pytest.mark.parametrize("data", [b"", b"abc", b"This is not a video.", _box(b"mdat", 0, promised=7)])
def test_what_is_no_box_yields_nothing(tmp_path: Path, data: bytes) -> None:
    assert _boxes(tmp_path, data) == []


def test_what_follows_the_boxes_is_left_out(tmp_path: Path) -> None:
    assert _boxes(tmp_path, _box(b"moov", 4) + b"\x00\x00\x00\x01trailing") == [Box("moov", 0, 12)]


@pytest.mark.parametrize(("entry", "protected"), [(b"encv", True), (b"drmi", True), (b"avc1", False)])
def test_an_encrypted_picture_is_known_by_its_sample_entry(
    tmp_path: Path, entry: bytes, protected: bool
) -> None:
    described = _box(entry, 78)
    moov = (8 + len(described)).to_bytes(4) + b"moov" + described
    (tmp_path / "film.mp4").write_bytes(_box(b"ftyp", 16) + moov + _box(b"mdat", 4) + b"encv")
    assert is_copy_protected(tmp_path / "film.mp4") is protected


def test_a_file_of_very_many_boxes_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "MOST_BOXES", 1000)
    assert len(_boxes(tmp_path, _box(b"free", 0) * 1000)) == 1000
    with pytest.raises(SourceRejected) as caught:
        _boxes(tmp_path, _box(b"free", 0) * 1001)
    assert caught.value.code == "too_many_boxes"


def test_no_file_costs_more_than_so_many_boxes(tmp_path: Path) -> None:
    """As large as a film, and free boxes from end to end."""
    path = tmp_path / "film.mp4"
    path.write_bytes(_box(b"ftyp", 8) + _box(b"free", 0) * (2 * boxes.MOST_BOXES))
    read = 0
    with pytest.raises(SourceRejected):
        for read, _ in enumerate(outermost_boxes(path), 1):  # noqa: B007
            pass
    assert read == boxes.MOST_BOXES


@pytest.mark.parametrize("size", [2**32 - 1, 2**40, 2**63, 2**64 - 1])
def test_a_size_in_terabytes_is_taken_at_its_word_and_read_by_nobody(tmp_path: Path, size: int) -> None:
    data = _box(b"ftyp", 8) + (1).to_bytes(4) + b"mdat" + size.to_bytes(8) + bytes(100)
    assert _boxes(tmp_path, data)[-1] == Box("mdat", 16, 16 + size)
    moov = (1).to_bytes(4) + b"moov" + size.to_bytes(8) + bytes(100)
    (tmp_path / "index.mp4").write_bytes(moov)
    assert not is_copy_protected(tmp_path / "index.mp4")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"free", b"mdat", b"moov", b"moof", b"\x00\x00\x00\x00"]),
            st.integers(0, 2**32 - 1),
            st.integers(0, 2**64 - 1),
            st.binary(max_size=40),
        ),
        max_size=20,
    )
)
def test_boxes_never_go_back_nor_stand_still(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[bytes, int, int, bytes]]
) -> None:
    data = b"".join(size.to_bytes(4) + kind + large.to_bytes(8) + rest for kind, size, large, rest in parts)
    found = _boxes(tmp_path_factory.getbasetemp(), data)
    assert all(box.end >= box.start + 8 for box in found)
    assert [box.start for box in found[1:]] == [box.end for box in found[:-1]]
    assert len(found) <= len(data) // 8


@given(data=st.binary(max_size=64))
def test_any_bytes_come_to_an_end(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    ends = [box.end for box in _boxes(tmp_path_factory.getbasetemp(), data)]
    assert ends == sorted(set(ends))
