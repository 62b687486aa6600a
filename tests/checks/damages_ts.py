"""What can be wrong with a transport stream, and the rule that is meant to notice."""

from collections.abc import Callable
from pathlib import Path

from nightreel.vocabulary.release import MASTER, MPD
from tests.checks.damaging import (
    Damage,
    copied_over,
    edited,
    removed,
    swapped,
    without_lines,
    written,
)
from tests.checks.material import ffmpeg

VIDEO = "stream_108p"
SEGMENT = f"{VIDEO}_001.ts"
PACKET_BYTES = 188
_IDR, _OTHER = b"\0\0\1\x65", b"\0\0\1\x61"


def remuxed(name: str, *options: str) -> Callable[[Path], None]:
    """A segment as FFmpeg writes it with other options, its clock as it was."""

    def apply(directory: Path) -> None:
        made = directory / "made"
        times = ("-copyts", "-muxdelay", "0", "-muxpreload", "0", "-avoid_negative_ts", "disabled")
        ffmpeg(
            "-copyts", "-i", str(directory / name), *options, "-c", "copy", *times, "-f", "mpegts", str(made)
        )
        made.replace(directory / name)

    return apply


def not_idr(directory: Path) -> None:
    """The first slice says that it is an ordinary one, whatever the packet around it promises."""
    data = (directory / SEGMENT).read_bytes()
    assert _IDR in data
    (directory / SEGMENT).write_bytes(data.replace(_IDR, _OTHER, 1))


def lost_packet(directory: Path) -> None:
    data = (directory / SEGMENT).read_bytes()
    place = len(data) // PACKET_BYTES // 2 * PACKET_BYTES
    (directory / SEGMENT).write_bytes(data[:place] + data[place + 3 * PACKET_BYTES :])


def cut_within_a_packet(directory: Path) -> None:
    data = (directory / SEGMENT).read_bytes()
    (directory / SEGMENT).write_bytes(
        data[: len(data) // PACKET_BYTES // 2 * PACKET_BYTES + PACKET_BYTES // 2]
    )


def cut_between_packets(directory: Path) -> None:
    data = (directory / SEGMENT).read_bytes()
    (directory / SEGMENT).write_bytes(data[: len(data) // PACKET_BYTES // 2 * PACKET_BYTES])


def late_sound(directory: Path) -> None:
    for number in (0, 1):
        name = f"{VIDEO}_{number:03d}.ts"
        again = str(directory / name)
        remuxed(name, "-itsoffset", "0.1", "-i", again, "-map", "0:v", "-map", "1:a")(directory)


def without_last_segment(name: str) -> Callable[[Path], None]:
    """A rendition that ends early, in a playlist that looks complete."""

    def apply(directory: Path) -> None:
        edited(f"{name}.m3u8", rf"#EXTINF:[^\n]*\n{name}_001.ts\n", "")(directory)
        removed(f"{name}_001.ts")(directory)

    return apply


DAMAGES = (
    Damage("a missing segment", removed(SEGMENT), ("segment-exists", "file-exists")),
    Damage("a segment cut within a packet", cut_within_a_packet, ("segment-whole",)),
    Damage("a segment cut between two packets", cut_between_packets, ("segment-frames", "audio-end")),
    Damage("an empty segment", written(SEGMENT, b""), ("segment-not-empty", "file-not-empty")),
    Damage("a segment of garbage", written(SEGMENT, b"\x13\x37garbage" * 5000), ("segment-whole",)),
    Damage("a segment that lacks packets", lost_packet, ("segment-whole",)),
    Damage("two segments in the wrong order", swapped(f"{VIDEO}_000.ts", SEGMENT), ("segment-start",)),
    Damage("a segment twice", copied_over(f"{VIDEO}_000.ts", SEGMENT), ("segment-start", "segment-gap-free")),
    Damage(
        "a playlist in the wrong order",
        edited(f"{VIDEO}.m3u8", rf"{VIDEO}_000(.*\n.*\n){VIDEO}_001", rf"{VIDEO}_001\1{VIDEO}_000"),
        ("segment-order",),
    ),
    Damage(
        "a segment of a smaller picture", copied_over("stream_54p_001.ts", SEGMENT), ("segment-resolution",)
    ),
    Damage("a first frame that is no IDR", not_idr, ("segment-starts-with-idr",)),
    Damage("a segment without sound", remuxed(SEGMENT, "-map", "0:v"), ("segment-contents", "audio-end")),
    Damage(
        "a segment without a picture", remuxed(SEGMENT, "-map", "0:a"), ("segment-contents", "frame-count")
    ),
    Damage("sound that comes late", late_sound, ("audio-segment-start", "audio-start", "audio-gap-free")),
    Damage("another language that ends early", without_last_segment("audio_fr"), ("audio-end",)),
    Damage("a picture that ends early", without_last_segment(VIDEO), ("frame-count", "extinf-sum")),
    Damage("a wrong EXTINF", edited(f"{VIDEO}.m3u8", r"#EXTINF:6\.0", "#EXTINF:5.9"), ("extinf",)),
    Damage(
        "a TARGETDURATION that is too small",
        edited(f"{VIDEO}.m3u8", "TARGETDURATION:6", "TARGETDURATION:5"),
        ("extinf-within-target", "same-target"),
    ),
    Damage("no ENDLIST", without_lines(f"{VIDEO}.m3u8", "ENDLIST"), ("ended",)),
    Damage("no VOD in the other language", without_lines("audio_fr.m3u8", "PLAYLIST-TYPE"), ("vod",)),
    Damage("an EXT-X-MAP", edited(f"{VIDEO}.m3u8", "#EXTINF", '#EXT-X-MAP:URI="a.mp4"\n#EXTINF'), ("map",)),
    Damage(
        "a BANDWIDTH that is too low",
        edited(MASTER, r"BANDWIDTH=(\d+)\d,A", r"BANDWIDTH=\1,A"),
        ("bandwidth",),
    ),
    Damage("CODECS without the sound", edited(MASTER, ",mp4a.40.2", ""), ("codecs",)),
    Damage("a wrong RESOLUTION", edited(MASTER, "RESOLUTION=192x108", "RESOLUTION=192x144"), ("resolution",)),
    Damage("no default sound", edited(MASTER, "DEFAULT=YES", "DEFAULT=NO"), ("one-default",)),
    Damage(
        "nothing about the sound within",
        edited(MASTER, r"#EXT-X-MEDIA:TYPE=AUDIO[^\n]*\n", ""),
        ("named-once", "one-default"),
    ),
    Damage("no LANGUAGE of the sound within", edited(MASTER, ',LANGUAGE="en"', ""), ("language",)),
    Damage(
        "an I-frame range beside its keyframe",
        edited("iframe_108p.m3u8", r"BYTERANGE:(\d+)@0", r"BYTERANGE:\1@564"),
        ("i-frame-keyframes",),
    ),
    Damage(
        "an I-frame range without its end",
        edited("iframe_108p.m3u8", r"BYTERANGE:\d+@", "BYTERANGE:1128@"),
        ("i-frame-keyframes",),
    ),
    Damage(
        "an I-frame range outside its file",
        edited("iframe_108p.m3u8", r"BYTERANGE:\d+@0", "BYTERANGE:99999999@0"),
        ("i-frame-inside",),
    ),
    Damage("a missing I-frame playlist", removed("iframe_54p.m3u8"), ("playlist-readable", "file-exists")),
    Damage(
        "subtitles for another clock",
        edited("subs_en_000.vtt", "MPEGTS:0", "MPEGTS:900000"),
        ("text-clock",),
    ),
    Damage("an MPD", written(MPD, b"<MPD/>"), ("no-orphans",)),
)
