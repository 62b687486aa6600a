"""What can be wrong with a release, and the rule that is meant to notice."""

from collections.abc import Callable
from pathlib import Path

from nightreel.vocabulary.release import MASTER, MPD
from tests.checks.damaging import (
    Damage,
    copied_over,
    edited,
    removed,
    shifted,
    swapped,
    truncated,
    without_lines,
    written,
)

VIDEO = "stream_360p"
SEGMENT = f"{VIDEO}_001.m4s"


def overwritten_keyframe(directory: Path) -> None:
    """Zeroes in the middle of the first frame, whose size stays as it was."""
    data = bytearray((directory / SEGMENT).read_bytes())
    start = data.index(b"mdat") + 400
    data[start : start + 2000] = bytes(2000)
    (directory / SEGMENT).write_bytes(data)


def overwritten_last_keyframe(directory: Path) -> None:
    """Zeroes in the middle of the last frame that a player may start from."""
    data = bytearray((directory / SEGMENT).read_bytes())
    start = data.rindex(b"mdat") + 400
    data[start : start + 2000] = bytes(2000)
    (directory / SEGMENT).write_bytes(data)


def not_sync(directory: Path) -> None:
    """The first sample is marked as one that depends on others."""
    data = bytearray((directory / SEGMENT).read_bytes())
    run = data.index(b"trun")
    assert int.from_bytes(data[run + 4 : run + 8], "big") & 0x400, "samples have no flags of their own"
    # Version and flags, count, data offset; then the size (no duration) and flags of the first.
    flags = run + 4 + 4 + 4 + 4 + 4
    data[flags : flags + 4] = (0x01010000).to_bytes(4, "big")
    (directory / SEGMENT).write_bytes(data)


def not_idr(directory: Path) -> None:
    """The first slice says that it is an ordinary one, whatever its container promises."""
    data = bytearray((directory / SEGMENT).read_bytes())
    position = data.index(b"mdat") + 4
    while data[position + 4] & 0x1F != 5:
        position += 4 + int.from_bytes(data[position : position + 4], "big")
    data[position + 4] = data[position + 4] & 0xE0 | 1
    (directory / SEGMENT).write_bytes(data)


def delayed_keyframe(directory: Path) -> None:
    """The first sample is shown later than some that follow it, as in an open group of pictures."""
    data = bytearray((directory / SEGMENT).read_bytes())
    run = data.index(b"trun")
    assert int.from_bytes(data[run + 4 : run + 8], "big") & 0x800, "samples have no composition offsets"
    offset = run + 4 + 4 + 4 + 4 + 8
    data[offset : offset + 4] = (10 * 334).to_bytes(4, "big")
    (directory / SEGMENT).write_bytes(data)


def late_last_frame(directory: Path) -> None:
    """The last sample of the title is shown ten frames later than it should be."""
    path = directory / f"{VIDEO}_002.m4s"
    data = bytearray(path.read_bytes())
    run = data.rindex(b"trun")
    assert int.from_bytes(data[run + 4 : run + 8], "big") & 0x800, "samples have no composition offsets"
    # The last field of the box.
    end = run - 4 + int.from_bytes(data[run - 4 : run], "big")
    offset = int.from_bytes(data[end - 4 : end], "big", signed=True) + 10 * 334
    data[end - 4 : end] = offset.to_bytes(4, "big", signed=True)
    path.write_bytes(data)


def late_sound(directory: Path) -> None:
    for number in range(3):
        shifted(f"audio_en_{number:03d}.m4s", 2048)(directory)


def only_first_sound(directory: Path) -> None:
    for number in (1, 2):
        edited("audio_en.m3u8", rf"#EXTINF:[^\n]*\naudio_en_{number:03d}.m4s\n", "")(directory)


def unplanned_variant(directory: Path) -> None:
    line = '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64001e"\nstream_720p.m3u8\n'
    (directory / MASTER).write_text((directory / MASTER).read_text() + line)


def without_last_segment(name: str) -> Callable[[Path], None]:
    """A rendition that ends early, in a playlist that looks complete."""

    def apply(directory: Path) -> None:
        edited(f"{name}.m3u8", rf"#EXTINF:[^\n]*\n{name}_002.m4s\n", "")(directory)
        (directory / f"{name}_002.m4s").unlink()

    return apply


def smallest_variant_first(directory: Path) -> None:
    """The variants in another order."""
    lines = (directory / MASTER).read_text().splitlines(keepends=True)
    first, *others = [position for position, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF")]
    last = others[-1]
    lines[first : first + 2], lines[last : last + 2] = lines[last : last + 2], lines[first : first + 2]
    (directory / MASTER).write_text("".join(lines))


TIMELINE = r'<S t="0" d="(\d+)" r="1"/>'

DAMAGES = (
    Damage("a missing segment", removed(SEGMENT), ("segment-exists", "file-exists")),
    Damage("a truncated segment", truncated(SEGMENT, 0.7), ("segment-whole",)),
    Damage("a segment cut within its header", truncated(SEGMENT, 0.0001), ("segment-whole",)),
    Damage("an empty segment", written(SEGMENT, b""), ("segment-not-empty", "file-not-empty")),
    Damage("a segment of garbage", written(SEGMENT, b"\x13\x37garbage" * 5000), ("segment-whole",)),
    Damage("a keyframe overwritten with zeroes", overwritten_keyframe, ("segment-decodes",)),
    Damage("the last keyframe overwritten", overwritten_last_keyframe, ("segment-decodes",)),
    Damage("a first frame that is not marked as a keyframe", not_sync, ("segment-starts-with-idr",)),
    Damage("a first frame that is no IDR", not_idr, ("segment-starts-with-idr",)),
    Damage("a segment that starts a frame late", shifted(SEGMENT, 334), ("segment-start", "same-boundaries")),
    Damage("a frame shown before its keyframe", delayed_keyframe, ("segment-closed",)),
    Damage("a last frame that is shown late", late_last_frame, ("picture-end",)),
    Damage(
        "two segments in the wrong order",
        swapped(f"{VIDEO}_000.m4s", SEGMENT),
        ("segment-start", "segment-gap-free"),
    ),
    Damage(
        "a playlist in the wrong order",
        edited(f"{VIDEO}.m3u8", rf"{VIDEO}_000(.*\n.*\n){VIDEO}_001", rf"{VIDEO}_001\1{VIDEO}_000"),
        ("segment-order",),
    ),
    Damage(
        "a segment twice", copied_over(f"{VIDEO}_000.m4s", SEGMENT), ("segment-start", "segment-gap-free")
    ),
    Damage(
        "a segment of a smaller picture", copied_over("stream_240p_001.m4s", SEGMENT), ("segment-decodes",)
    ),
    Damage(
        "a segment of a larger picture",
        copied_over(SEGMENT, "stream_240p_001.m4s"),
        ("i-frame-keyframes", "bandwidth"),
    ),
    Damage("a segment of sound in a picture", copied_over("audio_en_001.m4s", SEGMENT), ("segment-frames",)),
    Damage(
        "the init segment of another picture",
        copied_over("stream_240p_init.mp4", f"{VIDEO}_init.mp4"),
        ("picture-width", "picture-height"),
    ),
    Damage("an init segment cut short", truncated(f"{VIDEO}_init.mp4", 0.5), ("init-readable",)),
    Damage("a missing init segment", removed(f"{VIDEO}_init.mp4"), ("init-readable", "file-exists")),
    Damage(
        "sound that ends early",
        without_last_segment("audio_en"),
        ("audio-end", "mpd-segments", "file-exists"),
    ),
    Damage("sound that starts late", late_sound, ("audio-start", "audio-segment-start")),
    Damage("sound of one segment", only_first_sound, ("segment-count", "mpd-segments")),
    Damage(
        "a picture that ends early",
        without_last_segment(VIDEO),
        ("frame-count", "picture-segments", "extinf-sum", "output-duration"),
    ),
    Damage(
        "a wrong EXTINF", edited(f"{VIDEO}.m3u8", "#EXTINF:6.000", "#EXTINF:5.900"), ("extinf", "extinf-sum")
    ),
    Damage(
        "an EXTINF that is no number",
        edited(f"{VIDEO}.m3u8", "#EXTINF:6.0*", "#EXTINF:nan"),
        ("playlist-readable",),
    ),
    Damage(
        "an EXTINF without end",
        edited(f"{VIDEO}.m3u8", "#EXTINF:6.0*", "#EXTINF:1e999"),
        ("playlist-readable",),
    ),
    Damage(
        "a TARGETDURATION that is too small",
        edited(f"{VIDEO}.m3u8", r"TARGETDURATION:\d", "TARGETDURATION:5"),
        ("extinf-within-target", "same-target"),
    ),
    Damage(
        "no TARGETDURATION",
        without_lines(f"{VIDEO}.m3u8", "TARGETDURATION"),
        ("target-duration", "same-target"),
    ),
    Damage("no ENDLIST", without_lines(f"{VIDEO}.m3u8", "ENDLIST"), ("ended",)),
    Damage("no ENDLIST in the sound", without_lines("audio_en.m3u8", "ENDLIST"), ("ended",)),
    Damage("no VOD", without_lines(f"{VIDEO}.m3u8", "PLAYLIST-TYPE"), ("vod",)),
    Damage("no EXT-X-MAP", without_lines("audio_en.m3u8", "EXT-X-MAP"), ("map",)),
    Damage(
        "an EXT-X-MAP of another picture",
        edited(f"{VIDEO}.m3u8", f"{VIDEO}_init", "stream_240p_init"),
        ("map",),
    ),
    Damage("too low a version", edited(f"{VIDEO}.m3u8", "VERSION:6", "VERSION:3"), ("version",)),
    Damage("too low a version for sounds", edited(MASTER, r"VERSION:\d", "VERSION:3"), ("version",)),
    Damage("a playlist that is none", written(f"{VIDEO}.m3u8", b"<html>"), ("playlist-readable",)),
    Damage("wrong CODECS", edited(MASTER, r"avc1\.\w+", "avc1.4d401f"), ("codecs",)),
    Damage("CODECS without the sound", edited(MASTER, ",mp4a.40.2", ""), ("codecs",)),
    Damage("a wrong RESOLUTION", edited(MASTER, "RESOLUTION=640x360", "RESOLUTION=640x480"), ("resolution",)),
    Damage(
        "a BANDWIDTH that is too low",
        edited(MASTER, r"BANDWIDTH=(\d+)\d,AVE", r"BANDWIDTH=\1,AVE"),
        ("bandwidth",),
    ),
    Damage(
        "an AVERAGE-BANDWIDTH that is too high",
        edited(MASTER, r"AVERAGE-BANDWIDTH=(\d+)", r"AVERAGE-BANDWIDTH=\g<1>0"),
        ("average-bandwidth",),
    ),
    Damage("no FRAME-RATE", edited(MASTER, r"FRAME-RATE=[\d.]+,", ""), ("variant-attributes", "frame-rate")),
    Damage("a wrong FRAME-RATE", edited(MASTER, r"FRAME-RATE=30", "FRAME-RATE=25"), ("frame-rate",)),
    Damage("the smallest variant first", smallest_variant_first, ("first-variant",)),
    Damage("no LANGUAGE", edited(MASTER, ',LANGUAGE="en"', ""), ("language",)),
    Damage(
        "an AUDIO group that is not there",
        edited(MASTER, 'AUDIO="audio"', 'AUDIO="other"'),
        ("audio-group",),
    ),
    Damage(
        "a missing variant",
        edited(MASTER, r"#EXT-X-STREAM-INF[^\n]*\nstream_240p.m3u8\n", ""),
        ("named-once", "no-orphans"),
    ),
    Damage(
        "no INDEPENDENT-SEGMENTS", without_lines(MASTER, "INDEPENDENT"), ("independent-segments",)
    ),
    Damage("a missing multivariant playlist", removed(MASTER), ("playlist-readable", "file-exists")),
    Damage(
        "an I-frame range outside its file",
        edited("iframe_360p.m3u8", r"BYTERANGE:\d+@108", "BYTERANGE:99999999@108"),
        ("i-frame-inside",),
    ),
    Damage(
        "an I-frame range beside its keyframe",
        edited("iframe_360p.m3u8", r"BYTERANGE:(\d+)@108", r"BYTERANGE:\1@109"),
        ("i-frame-keyframes",),
    ),
    Damage("I-frames not said to be such", without_lines("iframe_360p.m3u8", "I-FRAMES"), ("i-frames-only",)),
    Damage("a dynamic MPD", edited(MPD, 'type="static"', 'type="dynamic"'), ("mpd-static",)),
    Damage(
        "a gap in the MPD's timeline",
        edited(MPD, TIMELINE, r'<S t="0" d="\1"/><S t="70140" d="\1"/>'),
        ("mpd-gap-free", "mpd-start", "mpd-aligned"),
    ),
    Damage(
        "another segment duration in the MPD",
        edited(MPD, r'd="20040"', 'd="20041"'),
        ("mpd-duration",),
    ),
    Damage("an id used twice in the MPD", edited(MPD, 'n id="1"', 'n id="0"'), ("mpd-unique-ids",)),
    Damage(
        "a representation missing from the MPD",
        edited(MPD, r'(?s)<Representation id="1".*?</Representation>', ""),
        ("mpd-representations", "named-once"),
    ),
    Damage(
        "a wrong duration in the MPD", edited(MPD, r'Duration="PT14[.\d]*S"', 'Duration="PT15S"'),
        ("mpd-presentation-duration",),
    ),
    Damage("an MPD that is no XML", written(MPD, b"<MPD"), ("playlist-readable",)),
    Damage("a file that nothing names", written("stream_720p_000.m4s", b"left over"), ("no-orphans",)),
    Damage("a file that no player expects", written("notes.txt", b"left over"), ("known-type",)),
    Damage("a variant that was not planned", unplanned_variant, ("known-renditions", "file-exists")),
)  # fmt: skip
