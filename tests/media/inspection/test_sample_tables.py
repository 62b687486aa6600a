"""An index that promises more samples than its file could hold is refused before anything expands it."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import SourceRejected
from nightreel.media.inspection import probe as probing
from nightreel.media.inspection import sample_tables
from nightreel.media.inspection.probe import probe
from nightreel.media.inspection.sample_tables import require_plausible_tables
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip

MANY = 2_000_000_000


def box(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def track(handler: bytes, *tables: bytes) -> bytes:
    described = box(b"hdlr", numbers(0, 0), handler, bytes(13))
    return box(b"trak", box(b"mdia", described, box(b"minf", box(b"stbl", *tables))))


def film(*boxes: bytes, payload: int = 1000) -> bytes:
    return box(b"ftyp", b"isom", bytes(4)) + b"".join(boxes) + box(b"mdat", bytes(payload))


def refused(path: Path, content: bytes) -> str | None:
    path.write_bytes(content)
    try:
        require_plausible_tables(path)
    except SourceRejected as refusal:
        return refusal.code
    return None


def uniform(count: int, duration: int = 512, each: int = 1) -> tuple[bytes, ...]:
    return (
        box(b"stsz", numbers(0, each, count)),
        box(b"stts", numbers(0, 1, count, duration)),
        box(b"stsc", numbers(0, 1, 1, count, 1)),
        box(b"stco", numbers(0, 1, 100)),
    )


def fragment(count: int, runs: int = 1) -> bytes:
    one = box(b"trun", numbers(0, count))
    return box(b"moof", box(b"mfhd", numbers(0, 1)), box(b"traf", box(b"tfhd", numbers(0, 1)), one * runs))


@pytest.mark.parametrize("table", [b"stsz", b"stts", b"ctts", b"stss", b"stsc", b"stco", b"co64", b"stz2"])
def test_a_table_that_is_longer_than_the_file_is_refused(tmp_path: Path, table: bytes) -> None:
    before = (0, 0) if table in (b"stsz", b"stz2") else (0,)
    content = film(box(b"moov", track(b"vide", box(table, numbers(*before, MANY), bytes(100)))))
    assert refused(tmp_path / "film.mp4", content) == "overstated_index"


HOSTILE = {
    "pictures of one size": film(box(b"moov", track(b"vide", *uniform(MANY)))),
    "pieces of sound of one size": film(box(b"moov", track(b"soun", *uniform(MANY)))),
    "sound samples in one chunk": film(box(b"moov", track(b"soun", *uniform(MANY, duration=1)))),
    "sound samples in chunks, of which the table of sizes says little": film(
        box(
            b"moov",
            track(
                b"soun",
                box(b"stsz", numbers(0, 1, 10)),
                box(b"stts", numbers(0, 1, 10, 1)),
                box(b"stsc", numbers(0, 1, 1, MANY, 1)),
                box(b"stco", numbers(0, 2, 100, 100)),
            ),
        )
    ),
    "a fragment": film(box(b"moov"), fragment(MANY)),
    "many fragments": film(box(b"moov"), *[fragment(900)] * 200),
    "one fragment of many runs": film(box(b"moov"), fragment(900, runs=200)),
    "a fragment within the index": film(box(b"moov", fragment(MANY))),
    "an index at the end": film() + box(b"moov", track(b"vide", *uniform(MANY))),
    "many tracks": film(box(b"moov", *[track(b"vide", *uniform(900))] * 40)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_samples_that_need_no_table_are_held_against_the_size_of_the_file(
    tmp_path: Path, content: bytes
) -> None:
    assert refused(tmp_path / "film.mp4", content) == "overstated_index"


@pytest.mark.parametrize(
    "content",
    [
        film(box(b"moov", track(b"vide", *uniform(25, each=40)))),
        # A sample of sound is less than a byte where it is compressed: 64 in 34 bytes (IMA 4:1).
        film(box(b"moov", track(b"soun", *uniform(1_880, duration=1)))),
        film(box(b"moov"), fragment(25), fragment(25)),
        film(box(b"moov", track(b"vide"))),
        film(box(b"moov", track(b"vide", box(b"stsz"), box(b"stsc", b"\0")))),
    ],
    ids=["pictures", "compressed sound", "fragments", "no tables", "tables that are cut off"],
)
def test_what_a_file_can_hold_is_left_to_the_demuxer(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path / "film.mp4", content) is None


def test_an_index_that_is_compressed_is_refused_before_anything_expands_it(tmp_path: Path) -> None:
    compressed = box(b"cmvd", numbers(MANY), zlib.compress(bytes(1_000_000)))
    content = film(box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), compressed)))
    assert refused(tmp_path / "film.mov", content) == "compressed_index"


def test_boxes_within_boxes_without_end_are_bounded_work(tmp_path: Path) -> None:
    nested = b""
    for _ in range(20_000):
        nested = box(b"moov", nested)
    assert refused(tmp_path / "film.mp4", film(nested)) is None
    small = film(box(b"moov", box(b"free") * 1_100_000))
    assert refused(tmp_path / "film.mp4", small) == "too_many_boxes"


@given(st.binary(max_size=400))
def test_noise_within_an_index_ends_in_no_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.mp4"
    refused(path, film(box(b"moov", noise), box(b"moov", track(b"soun", noise)), box(b"moof", noise)))


def test_a_small_film_that_promises_billions_of_frames_is_refused_by_name(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    data = bytearray(make_clip(Clip(seconds=0.5)).read_bytes())
    # Before it was looked at, FFmpeg used up its memory, and the title was tried again each night.
    for kind, values in ((b"stsz", (0, 1, MANY)), (b"stts", (0, 1, MANY, 1)), (b"stsc", (0, 1, 1, MANY, 1))):
        at = data.index(kind) + 4
        data[at : at + 4 * len(values)] = numbers(*values)
    hostile = tmp_path / "film.mp4"
    hostile.write_bytes(data)
    with pytest.raises(SourceRejected) as caught:
        probe(hostile, binaries.ffprobe)
    assert caught.value.code == "overstated_index"


def test_sound_that_is_not_compressed_counts_by_its_packets_not_by_its_samples(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = remuxed(
        make_clip(Clip(seconds=1, sounds=(Sound(seconds=1),))),
        tmp_path / "film.mov",
        binaries.ffmpeg,
        after=("-c:a", "pcm_s16le"),
    )
    # At the real limit, it would be 17 minutes.
    monkeypatch.setattr(probing, "MOST_PACKETS", 1000)
    monkeypatch.setattr(sample_tables, "MOST_PACKETS", 1000)
    assert len(probe(clip, binaries.ffprobe).audio) == 1


@pytest.mark.parametrize(
    "options", [(), ("-movflags", "frag_keyframe+empty_moov")], ids=["whole", "fragments"]
)
def test_real_films_pass(make_clip: MakeClip, options: tuple[str, ...]) -> None:
    require_plausible_tables(make_clip(Clip(seconds=1, sounds=(Sound(seconds=1),), after=options)))
