"""What can be wrong with groups of sounds, subtitles and codecs, and the rule that is meant to notice."""

import re
from collections.abc import Callable
from pathlib import Path

from nightreel.vocabulary.release import MASTER, MPD
from tests.checks.damaging import Damage, copied_over, edited, removed, swapped, without_lines, written

HEVC_SEGMENT = "stream_hevc_108p_001.m4s"
AV1_SEGMENT = "stream_av1_108p_001.m4s"
_IDR_KINDS, _CRA = (19, 20), 21


def cra_instead_of_idr(directory: Path) -> None:
    """The first slice says that pictures before it may follow, whatever its container promises."""
    data = bytearray((directory / HEVC_SEGMENT).read_bytes())
    position = data.index(b"mdat") + 4
    while data[position + 4] >> 1 & 0x3F not in _IDR_KINDS:
        position += 4 + int.from_bytes(data[position : position + 4], "big")
    data[position + 4] = data[position + 4] & 0x81 | _CRA << 1
    (directory / HEVC_SEGMENT).write_bytes(data)


def inter_frame_instead_of_key(directory: Path) -> None:
    """The first frame header of AV1 is that of a frame which needs others."""
    data = bytearray((directory / AV1_SEGMENT).read_bytes())
    position = data.index(b"mdat") + 4
    while data[position] >> 3 & 15 not in (3, 6):
        assert data[position] & 2, "a unit does not say how long it is"
        assert data[position + 1] < 0x80, "a unit before the frame is longer than 127 bytes"
        position += 2 + data[position + 1]
    length = position + 1
    while data[length] & 0x80:
        length += 1
    data[length + 1] |= 0x20
    (directory / AV1_SEGMENT).write_bytes(data)


def without_variant(group: str, playlist: str) -> Callable[[Path], None]:
    return edited(MASTER, rf'#EXT-X-STREAM-INF[^\n]*AUDIO="{group}"[^\n]*\n{re.escape(playlist)}\n', "")


def without_last_text(directory: Path) -> None:
    edited("subs_en.m3u8", r"#EXTINF:[^\n]*\nsubs_en_001.vtt\n", "")(directory)
    removed("subs_en_001.vtt")(directory)


SUBTITLES = 'TYPE=SUBTITLES,GROUP-ID="subs"'

SOUND_DAMAGES = (
    Damage("six channels said to be two", edited(MASTER, 'CHANNELS="6"', 'CHANNELS="2"'), ("channels",)),
    Damage("a group that says nothing of its channels", edited(MASTER, ',CHANNELS="6"', ""), ("channels",)),
    Damage(
        "stereo where 5.1 was planned",
        copied_over("audio_fr_init.mp4", "audio_en_51_init.mp4"),
        ("sound-channels", "channels"),
    ),
    Damage(
        "six channels said to be two in the MPD",
        edited(MPD, '(audio_channel_configuration:2011" value=)"6"', r'\1"2"'),
        ("channels",),
    ),
    Damage(
        "two defaults in a group",
        edited(MASTER, 'NAME="Français",DEFAULT=NO', 'NAME="Français",DEFAULT=YES'),
        ("one-default",),
    ),
    Damage("no default", edited(MASTER, "DEFAULT=YES", "DEFAULT=NO", 2), ("one-default",)),
    Damage(
        "a default that is not chosen unasked",
        edited(MASTER, "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"),
        ("autoselect",),
    ),
    Damage(
        "a NAME twice in a group",
        edited(MASTER, 'NAME="Français"', 'NAME="English"'),
        ("names-differ", "name"),
    ),
    Damage(
        "no group of 5.1",
        without_lines(MASTER, 'MEDIA.*GROUP-ID="surround"'),
        ("sound-groups", "audio-group", "no-orphans"),
    ),
    Damage(
        "a variant that is not offered with 5.1",
        without_variant("surround", "stream_108p.m3u8"),
        ("named-once",),
    ),
)

SUBTITLE_DAMAGES = (
    Damage("subtitles of no language", edited(MASTER, f'({SUBTITLES}),LANGUAGE="en"', r"\1"), ("language",)),
    Damage("subtitles of another name", edited(MASTER, 'NAME="Deutsch"', 'NAME="Dutch"'), ("name",)),
    Damage("forced subtitles not said to be such", edited(MASTER, "FORCED=YES", "FORCED=NO"), ("forced",)),
    Damage(
        "forced subtitles that are not chosen unasked",
        edited(MASTER, "AUTOSELECT=YES,FORCED=YES", "AUTOSELECT=NO,FORCED=YES"),
        ("autoselect",),
    ),
    Damage(
        "two default subtitles",
        edited(MASTER, f"({SUBTITLES}.*)DEFAULT=NO", r"\1DEFAULT=YES", 2),
        ("one-default-text",),
    ),
    Damage("a variant without subtitles", edited(MASTER, ',SUBTITLES="subs"', ""), ("subtitle-group",)),
    Damage(
        "subtitles that nothing names", without_lines(MASTER, "subs_de.m3u8"), ("named-once", "no-orphans")
    ),
    Damage("a missing segment of text", removed("subs_en_001.vtt"), ("text-readable", "file-exists")),
    Damage("a segment of text that is none", written("subs_en_001.vtt", b"<html>"), ("text-readable",)),
    Damage(
        "a segment of text in an unknown encoding",
        written("subs_en_001.vtt", b"WEBVTT\n\n\xff"),
        ("text-readable",),
    ),
    Damage("no clock in a segment of text", without_lines("subs_en_001.vtt", "X-TIMESTAMP"), ("text-clock",)),
    Damage(
        "another clock in a segment of text",
        edited("subs_en_001.vtt", "MPEGTS:0", "MPEGTS:900000"),
        ("text-clock",),
    ),
    Damage(
        "two segments of text in the wrong order",
        swapped("subs_en_000.vtt", "subs_en_001.vtt"),
        ("text-inside", "text-complete"),
    ),
    Damage(
        "a cue that is missing on one side of a cut",
        edited("subs_en_001.vtt", r"^.* -->.*\n.*\n", ""),
        ("text-complete",),
    ),
    Damage("subtitles that end early", without_last_text, ("text-segments", "extinf-sum")),
    Damage(
        "a playlist of text in the wrong order",
        edited("subs_en.m3u8", "subs_en_000.vtt", "subs_en_001.vtt"),
        ("text-order", "no-orphans"),
    ),
    Damage("a wrong EXTINF of text", edited("subs_en.m3u8", "EXTINF:6.0", "EXTINF:5.5"), ("text-extinf",)),
    Damage(
        "another target for text",
        edited("subs_en.m3u8", r"TARGETDURATION:\d", "TARGETDURATION:9"),
        ("same-target",),
    ),
    Damage("text without an end", without_lines("subs_en.m3u8", "ENDLIST"), ("ended",)),
    Damage("a cue after the title's end", edited("subs_en.vtt", "00:06.800", "00:09.000"), ("text-ends",)),
    Damage("no whole track for DASH", removed("subs_en.vtt"), ("text-readable", "file-exists")),
    Damage(
        "subtitles missing from the MPD",
        edited(MPD, r'(?s)<AdaptationSet[^>]*contentType="text".*?</AdaptationSet>', ""),
        ("named-once", "mpd-representations"),
    ),
    Damage("subtitles of another language in the MPD", edited(MPD, 'lang="de"', 'lang="nl"'), ("language",)),
    Damage(
        "forced subtitles not said to be such in the MPD",
        edited(MPD, '"forced-subtitle"', '"subtitle"'),
        ("mpd-text-role",),
    ),
)

CODEC_DAMAGES = (
    Damage("wrong CODECS of HEVC", edited(MASTER, r"hvc1\.1\.[\w.]+", "hvc1.1.6.L150.90"), ("codecs",)),
    Damage("wrong CODECS of AV1", edited(MASTER, r"av01[\w.]+", "av01.0.12M.10"), ("codecs",)),
    Damage("wrong CODECS of AV1 in the MPD", edited(MPD, r"av01[\w.]+", "av01.1.00M.08"), ("codecs",)),
    Damage("HDR said to be SDR", edited(MASTER, "VIDEO-RANGE=HLG", "VIDEO-RANGE=SDR"), ("video-range",)),
    Damage("HLG said to be PQ", edited(MASTER, "VIDEO-RANGE=HLG", "VIDEO-RANGE=PQ"), ("video-range",)),
    Damage("no VIDEO-RANGE", edited(MASTER, "VIDEO-RANGE=SDR,", ""), ("video-range",)),
    Damage("nothing of captions", edited(MASTER, "CLOSED-CAPTIONS=NONE,", ""), ("closed-captions",)),
    Damage("HEVC that starts with a CRA", cra_instead_of_idr, ("segment-starts-with-idr",)),
    Damage(
        "AV1 that starts with an inter frame", inter_frame_instead_of_key, ("segment-starts-with-idr",)
    ),
)  # fmt: skip
