"""Small encoded renditions of every kind, made by FFmpeg alone: what the packager is given."""

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import m3u8
from lxml import etree

from nightreel.media.encoding.sound import audio_frames
from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, TextRendition, VideoRendition
from nightreel.media.source import Colour, DynamicRange
from nightreel.vocabulary.media import VideoCodec
from nightreel.vocabulary.protection import ContentKey, Protection
from nightreel.vocabulary.release import MASTER, MPD
from tests.media.encoded import TIMEOUT_SECONDS

DASH = {
    "mpd": "urn:mpeg:dash:schema:mpd:2011",
    "cenc": "urn:mpeg:cenc:2013",
    "dashif": "https://dashif.org/CPS",
}

RATE = Fraction(25)
FRAMES, GOP_FRAMES, SEGMENT_FRAMES = 125, 25, 50

KEY = ContentKey(
    key_id=UUID("00112233-4455-6677-8899-aabbccddeeff"),
    key=bytes.fromhex("deadbeef0123456789abcdef01234567"),
    iv=bytes.fromhex("ffeeddccbbaa99887766554433221100"),
)
PROTECTION = Protection(
    key=KEY,
    key_uri=f"https://keys.example/keys/{KEY.key_id}",
    license_url="https://keys.example/clearkey",
)

_ENCODERS: dict[VideoCodec, tuple[str, ...]] = {
    "h264": ("libx264", "-sc_threshold", "0", "-keyint_min", str(GOP_FRAMES), "-flags", "+cgop"),
    "hevc": (
        *("libx265", "-tag:v", "hvc1", "-x265-params"),
        f"log-level=none:keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0:open-gop=0",
    ),
    "av1": ("libsvtav1", "-svtav1-params", "scd=0:irefresh-type=2"),
}
_PRESETS: dict[VideoCodec, str] = {"h264": "ultrafast", "hevc": "ultrafast", "av1": "12"}
_TRANSFERS: dict[DynamicRange, str] = {"sdr": "bt709", "pq": "smpte2084", "hlg": "arib-std-b67"}


def picture(
    name: str, height: int, codec: VideoCodec = "h264", dynamic_range: DynamicRange = "sdr"
) -> VideoRendition:
    return VideoRendition(
        name=name,
        codec=codec,
        dynamic_range=dynamic_range,
        width=height * 16 // 9,
        height=height,
        video_bps=height * 1000,
        maxrate_bps=height * 1500,
        preset="ultrafast",
    )


def sound(name: str, language: str, stream: int, label: str, *, channels: int = 2) -> AudioRendition:
    return AudioRendition(
        name=name,
        label=label,
        language=language,
        stream=stream,
        audio_bps=32_000 * channels,
        channels=6 if channels == 6 else 2,
        default=stream == 1,
    )


def small_plan(
    *,
    video: tuple[VideoRendition, ...] = (picture("54p", 54), picture("108p", 108)),
    audio: tuple[AudioRendition, ...] = (sound("audio_en", "en", 1, "English"),),
    text: tuple[TextRendition, ...] = (),
    encrypted: bool = False,
    frames: int = FRAMES,
) -> Plan:
    return Plan(
        frame_rate=RATE,
        frames=frames,
        gop_frames=GOP_FRAMES,
        segment_frames=SEGMENT_FRAMES,
        video_stream=0,
        video=video,
        audio=audio,
        text=text,
        jobs=(),
        colour=Colour(),
        encrypted=encrypted,
    )


def encoded_renditions(plan: Plan, directory: Path, ffmpeg: str) -> dict[str, Path]:
    """A file per rendition of the plan, all made by one run of FFmpeg."""
    files = {item.name: directory / f"{item.name}.mp4" for item in (*plan.video, *plan.audio)}
    files |= {item.name: directory / f"{item.name}.vtt" for item in plan.text}
    command = [ffmpeg, "-v", "error", "-nostdin", "-y"]
    for source in (f"testsrc2=size=192x108:rate={RATE}", "sine=sample_rate=48000"):
        command += ["-f", "lavfi", "-i", source]
    for video in plan.video:
        command += _picture_options(video, plan, files[video.name])
    for audio in plan.audio:
        command += _sound_options(audio, plan, files[audio.name])
    subprocess.run(command, check=True, timeout=TIMEOUT_SECONDS, env={"SVT_LOG": "0"})
    for text in plan.text:
        files[text.name].write_text(f"WEBVTT\n\n00:00.500 --> 00:{plan.duration - 0.5:06.3f}\n{text.label}\n")
    return files


def _picture_options(video: VideoRendition, plan: Plan, path: Path) -> list[str]:
    gamut, matrix = ("bt709", "bt709") if video.dynamic_range == "sdr" else ("bt2020", "bt2020nc")
    depth = "yuv420p" if video.dynamic_range == "sdr" else "yuv420p10le"
    tags = f"color_primaries={gamut}:color_trc={_TRANSFERS[video.dynamic_range]}:colorspace={matrix}:range=tv"
    return [
        *("-map", "0:v", "-vf", f"scale={video.width}:{video.height},format={depth},setparams={tags}"),
        *("-frames:v", str(plan.frames), "-c:v", *_ENCODERS[video.codec], "-preset", _PRESETS[video.codec]),
        *("-b:v", str(video.video_bps), "-g", str(plan.gop_frames), "-video_track_timescale", "12800"),
        *("-movflags", "+negative_cts_offsets", str(path)),
    ]


def _sound_options(audio: AudioRendition, plan: Plan, path: Path) -> list[str]:
    frames = audio_frames(plan)
    layout = "5.1" if audio.channels == 6 else "stereo"
    channels = "|".join(f"c{number}=c0" for number in range(audio.channels))
    # As the product does it: whole AAC frames, the first of which is the encoder's own.
    samples = f"atrim=start_sample={AAC_FRAME_SAMPLES}:end_sample={frames * AAC_FRAME_SAMPLES}"
    return [
        *("-map", "1:a", "-af", f"pan={layout}|{channels},{samples},asetpts=PTS-STARTPTS"),
        *("-c:a", "aac", "-b:a", str(audio.audio_bps), "-frames:a", str(frames)),
        *("-use_editlist", "0", str(path)),
    ]


@dataclass(frozen=True)
class Packaged:
    """A release on disk, and how it was planned."""

    plan: Plan
    directory: Path

    def playlist(self, name: str = MASTER) -> m3u8.M3U8:
        return m3u8.loads(self.text(name))

    def text(self, name: str = MASTER) -> str:
        return (self.directory / name).read_text()

    def mpd(self) -> etree._ElementTree:
        return etree.parse(self.directory / MPD)

    def sets(self, content_type: str) -> list[etree._Element]:
        """The MPD's adaptation sets of a kind."""
        return self.mpd().findall(f".//mpd:AdaptationSet[@contentType='{content_type}']", DASH)

    def media_playlists(self) -> dict[str, m3u8.M3U8]:
        """All but the multivariant one, by name."""
        return {
            path.name: self.playlist(path.name)
            for path in self.directory.glob("*.m3u8")
            if path.name != MASTER
        }


def packaged(
    plan: Plan, directory: Path, binaries: Binaries, *, protection: Protection | None = None
) -> Packaged:
    """Encode and package a plan below `directory`."""
    made = directory / "encoded"
    made.mkdir()
    package(
        plan,
        encoded_renditions(plan, made, binaries.ffmpeg),
        directory / "release",
        binaries=binaries,
        timeout_seconds=TIMEOUT_SECONDS,
        protection=protection,
    )
    return Packaged(plan, directory / "release")
