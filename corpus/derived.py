"""Cases made with FFmpeg from one video, for what few collections of clips contain."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.boxes import box, with_box_in_sample_entry
from corpus.captions import said_by, write_captioned, write_with_tracks
from corpus.cases import Case
from corpus.damages import DAMAGES
from corpus.dolby_vision import write_bare_profile_5
from corpus.field_coding import write_field_coded
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox

_SECONDS = 3
_TIMEOUT_SECONDS = 120.0
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
_TO_PQ = (
    "scale=out_color_matrix=bt709,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020,"
    "zscale=t=smpte2084:m=bt2020nc:r=limited:npl=203,format=yuv420p10le"
)
_TELL_PQ = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"


@dataclass(frozen=True)
class Recipe:
    """One case made by FFmpeg. `before` are the options before the base, `after` those after it."""

    name: str
    what: str
    expected: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ("-c", "copy")
    suffix: str = ".mp4"


_RECIPES = (
    Recipe(
        "derived_interlaced",
        "interlaced, top field first, flagged",
        "published, deinterlaced",
        after=(*_X264, "-vf", "tinterlace=interleave_top", "-flags", "+ildct+ilme", "-x264opts", "tff=1"),
    ),
    Recipe(
        "derived_interlaced_unflagged",
        "480 lines, interlaced, flagged as progressive",
        "published, deinterlaced",
        after=(*_X264, "-vf", "scale=640:480,tinterlace=interleave_top,setfield=prog"),
    ),
    Recipe(
        "derived_odd_size",
        "351×287 pixels, 4:4:4",
        "published in even sizes, with a note on the finer colours",
        after=("-vf", "scale=351:287,setsar=1", "-c:v", "libx264", "-pix_fmt", "yuv444p"),
    ),
    Recipe("derived_59_94", "59.94 fps", "published at 60000/1001", after=(*_X264, "-r", "60000/1001")),
    Recipe("derived_120", "120 fps", "published at 60", after=(*_X264, "-r", "120")),
    Recipe(
        "derived_negative_start",
        "begins between keyframes: negative times and an edit list",
        "published, with sound and picture in sync",
        before=("-ss", "0.7"),
    ),
    Recipe("derived_rotated_270", "rotated by 270°", "published upright", before=("-display_rotation", "90")),
    Recipe(
        "derived_mirrored",
        "mirrored by its display matrix",
        "published mirrored",
        before=("-display_hflip",),
    ),
    Recipe(
        "derived_full_range",
        "full-range colours",
        "published in limited range, as bright as before",
        after=(*_X264, "-vf", "scale=out_range=full", "-color_range", "pc"),
    ),
    Recipe(
        "derived_pq",
        "PQ, tagged",
        "published in SDR",
        after=("-vf", _TO_PQ, *_X265, "-x265-params", f"{_TELL_PQ}:log-level=error"),
    ),
    Recipe(
        "derived_pq_mkv",
        "PQ, in MKV",
        "published in SDR",
        after=("-vf", _TO_PQ, *_X265, "-x265-params", f"{_TELL_PQ}:log-level=error", "-write_crc32", "0"),
        suffix=".mkv",
    ),
    Recipe(
        "derived_mkv_two_languages",
        "MKV with two sound tracks and SRT subtitles",
        "published with both sound tracks and the subtitles",
        after=(
            *(
                "-i",
                "{subtitles}",
                "-map",
                "0:v:0",
                "-map",
                "0:a:0",
                "-map",
                "0:a:0",
                "-map",
                "1",
                "-c",
                "copy",
            ),
            *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"),
            *("-metadata:s:s:0", "language=deu"),
        ),
        suffix=".mkv",
    ),
    Recipe("derived_mov", "QuickTime", "published", suffix=".mov"),
    Recipe(
        "derived_surround",
        "5.1 sound (AC-3)",
        "published in stereo and in 5.1",
        after=("-c:v", "copy", "-c:a", "ac3", "-ac", "6"),
    ),
    Recipe("derived_one_frame", "a single frame", "published", after=("-frames:v", "1", "-an", *_X264)),
    Recipe(
        "derived_disabled_picture",
        "a second, larger picture that is disabled, like a depth map",
        "published from the first, with a note on the other",
        after=(
            *("-f", "lavfi", "-i", "testsrc2=s=960x544:r=30:d=3", "-map", "0", "-map", "1", "-c", "copy"),
            *("-c:v:1", "libx264", "-preset", "ultrafast", "-disposition:v:1", "0"),
        ),
    ),
    Recipe(
        "derived_stereo",
        "stereo, side by side, in MKV",
        "published, with a note that players show it flat",
        after=("-c", "copy", "-metadata:s:v", "stereo_mode=left_right"),
        suffix=".mkv",
    ),
    Recipe(
        "derived_six_mono",
        "six mono tracks (PCM) in QuickTime",
        "published in stereo and in 5.1",
        after=("-map", "0:v", *(("-map", "0:a") * 6), "-c:v", "copy", "-c:a", "pcm_s16le", "-ac", "1"),
        suffix=".mov",
    ),
    Recipe(
        "derived_field_pictures",
        "HEVC in which every picture is one field of half the height",
        "published with a frame per field, in the shape of whole frames",
        after=(
            *("-vf", "tinterlace=interleave_top,separatefields", *_X265),
            *("-x265-params", "interlace=tff:log-level=error"),
        ),
    ),
    Recipe(
        "derived_coarse_chroma",
        "4:1:0, at a width that does not divide by four",
        "published",
        after=("-vf", "scale=478:270,setsar=1", "-c:v", "ffv1", "-pix_fmt", "yuv410p"),
        suffix=".mkv",
    ),
    Recipe(
        "derived_transparent",
        "ProRes 4444 that becomes transparent from its middle on",
        "published, fading to black in its second half, with a note",
        after=(
            *("-vf", "format=yuva444p10le,fade=out:start_time=1.5:duration=1.4:alpha=1"),
            *("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"),
        ),
        suffix=".mov",
    ),
    Recipe(
        "derived_transparent_vp9",
        "VP9 with a second picture for transparency, as above",
        "published, fading to black in its second half, with a note",
        after=(
            *("-vf", "format=yuva420p,fade=out:start_time=1.5:duration=1.4:alpha=1"),
            *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
        ),
        suffix=".webm",
    ),
)


def derive(folder: Path, ffmpeg: str, base: Path | None = None) -> list[Case]:
    """Make all cases in `folder`, from a video with sound: `base`, or a generated one."""
    folder.mkdir(parents=True)
    cut = folder / "base.mp4"
    if base is None:
        inputs = ("-f", "lavfi", "-i", "testsrc2=s=480x272:r=30", "-f", "lavfi", "-i", "sine=440:r=48000")
        sound = ("-c:a", "aac", "-ac", "2")
        run(ffmpeg, folder, *inputs, "-t", str(_SECONDS), *_X264, *sound, str(cut))
    else:
        run(
            ffmpeg,
            folder,
            "-i",
            str(base),
            "-t",
            str(_SECONDS),
            "-vf",
            "scale=480:272,setsar=1",
            *_X264,
            "-c:a",
            "aac",
            str(cut),
            reads=(base,),
        )
    return [*_recipes(folder, ffmpeg, cut), *_crafted(folder, ffmpeg, cut), *_damages(folder, cut)]


def _recipes(folder: Path, ffmpeg: str, base: Path) -> Iterator[Case]:
    subtitles = folder / "subtitles.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:02,000\nGuten Tag\n")
    for recipe in _RECIPES:
        path = folder / f"{recipe.name}{recipe.suffix}"
        after = (part.format(subtitles=subtitles) for part in recipe.after)
        run(ffmpeg, folder, *recipe.before, "-i", str(base), *after, str(path))
        yield Case(recipe.name, path, recipe.what, recipe.expected)


def _crafted(folder: Path, ffmpeg: str, base: Path) -> Iterator[Case]:
    """What FFmpeg itself does not write."""
    yield from _captioned(folder, ffmpeg)
    around = folder / "derived_all_around.mp4"
    header = box(b"svhd", bytes(4), b"camera\0")
    projection = box(b"proj", box(b"prhd", bytes(16)), box(b"equi", bytes(20)))
    with_box_in_sample_entry(base, around, box(b"sv3d", header, projection))
    what = "360°, equirectangular, marked by the boxes of Google's RFC"
    yield Case(around.stem, around, what, "published, with a note that players show it flat")
    fields = folder / "derived_field_coded.mp4"
    write_field_coded(fields, lambda number, line: 16 + line + number % 100, ffmpeg, frames=50)
    what = "H.264 in which every picture and every sample is one field"
    yield Case(fields.stem, fields, what, "published with a frame per field")
    bare = folder / "derived_dolby_vision_5.mp4"
    write_bare_profile_5(bare, ffmpeg)
    what = "Dolby Vision profile 5 without a record in the container"
    yield Case(bare.stem, bare, what, "quarantined: Dolby Vision profile 5")
    yield _joined(folder, ffmpeg, base)


def _captioned(folder: Path, ffmpeg: str) -> Iterator[Case]:
    path = folder / "derived_captions.mp4"
    write_captioned(path, {25: "Good evening.", 50: "Here is the news.", 70: ""}, ffmpeg)
    yield Case(path.stem, path, "closed captions within the picture", "published with subtitles")
    path = folder / "derived_captions_of_channels.mp4"
    channels = {"CC1": {25: "Good evening.", 70: ""}, "CC2": {30: "Buenas tardes."}, "CC3": {40: "Bonsoir."}}
    write_captioned(path, channels, ffmpeg, services=(1, 2, 3, 4), programme=True)
    what = "closed captions in three CTA-608 channels and four CTA-708 services, and the programme's name"
    yield Case(path.stem, path, what, "published with three subtitles, with a note on the fourth")
    picture = write_captioned(folder / "picture.mp4", {}, ffmpeg)
    path = folder / "derived_captions_in_tracks.mov"
    texts = {"eng": {25: "Good evening.", 70: ""}, "spa": {30: "Buenas tardes."}}
    tracks = {language: said_by({"CC1": shown}, 75) for language, shown in texts.items()}
    write_with_tracks(path, picture, tracks, ffmpeg)
    what = "closed captions in two QuickTime tracks (c608)"
    yield Case(path.stem, path, what, "published with subtitles in two languages")


def _joined(folder: Path, ffmpeg: str, base: Path) -> Case:
    parts = [folder / "joined_1.ts", folder / "joined_2.ts"]
    for part, turned in zip(parts, ((), ("-vf", "transpose=1,setsar=1")), strict=True):
        run(ffmpeg, folder, "-i", str(base), *turned, *_X264, "-c:a", "aac", str(part))
    path = folder / "derived_joined_turned.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    what = "two MPEG-TS recordings joined byte by byte, the second one upright"
    return Case(path.stem, path, what, "published whole, the second one with bars, with a note")


def _damages(folder: Path, base: Path) -> Iterator[Case]:
    whole = base.read_bytes()
    for name, (what, expected, damage) in DAMAGES.items():
        path = folder / f"derived_{name}.mp4"
        path.write_bytes(damage(whole, base))
        yield Case(path.stem, path, what, expected)


def run(ffmpeg: str, folder: Path, *arguments: str, reads: tuple[Path, ...] = ()) -> None:
    """Run FFmpeg, which may read and write in the folder, and read `reads`. Raises EncoderFailed."""
    command = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments]
    sandbox = Sandbox(reads=(folder, *reads), writes=(folder,))
    process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=sandbox)
