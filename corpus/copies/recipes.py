"""The clips: pictures as encoders, cameras and editors write them, and whether each may be copied."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from corpus.copies import patches
from nightreel.media.planning.plan import PlanOptions

FRAME_BITS = 12
"""Each frame shows its number, in display order: so many squares, the first one the lowest bit."""
SCENE_SECONDS = 1.7
_SIDE = 16
SIZE = (FRAME_BITS * _SIDE, 108)
BEEP_SECONDS = 3
"""A beep begins with the sound, and again after each of these."""

X264 = ("-c:v", "libx264", "-preset", "medium", "-crf", "30", "-pix_fmt", "yuv420p")
"""As FFmpeg calls it by default, but for the quality."""
OPTIONS = PlanOptions(preset="ultrafast")
_EVEN = ("-sc_threshold", "0", "-force_key_frames")


def numbered() -> str:
    """FFmpeg's filters that burn the number of the frame into the first lines of the picture."""
    width, height = SIZE[0], _SIDE
    black = f"drawbox=0:0:{width}:{height}:black:fill"
    bits = (
        f"drawbox={_SIDE * bit}:0:{_SIDE}:{height}:white:fill:enable='bitand(n,{1 << bit})'"
        for bit in range(FRAME_BITS)
    )
    return ",".join((black, *bits))


@dataclass(frozen=True)
class Recipe:
    """One clip. `refused` is part of the reason for which it is not copied; empty if it is copied.

    `coded` are FFmpeg's options for the picture, `picture_before` and `sound_before` those before the inputs.
    With `remuxed`, options before and after the input, the file is then copied once more. At last, `patch`
    changes its bytes. `options` are those of the title.
    """

    name: str
    what: str
    refused: str = ""
    rate: str = "25"
    seconds: int = 13
    size: tuple[int, int] = SIZE
    filters: str = ""
    coded: tuple[str, ...] = ()
    sounds: int = 1
    sound_coded: tuple[str, ...] = ("-c:a", "aac")
    picture_before: tuple[str, ...] = ()
    sound_before: tuple[str, ...] = ()
    suffix: str = ".mp4"
    remuxed: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    patch: Callable[[Path, str], None] | None = None
    options: PlanOptions = OPTIONS

    def command(self, ffmpeg: str, path: Path) -> list[str]:
        """The command line that encodes it into `path`."""
        picture = f"testsrc2=size={'x'.join(map(str, self.size))}:rate={self.rate},"
        picture += f"negate=enable='mod(floor(t/{SCENE_SECONDS}),2)',{numbered()}"
        picture += f",{self.filters}" if self.filters else ""
        beeps = f"aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,{BEEP_SECONDS}),0.2)':s=48000:c=stereo"
        length = ("-t", str(self.seconds))
        return [
            *(ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y"),
            *(*self.picture_before, "-f", "lavfi", *length, "-i", picture),
            *chain.from_iterable([(*self.sound_before, "-f", "lavfi", *length, "-i", beeps)] * self.sounds),
            *chain.from_iterable(("-map", str(number)) for number in range(1 + self.sounds)),
            *(*length, *X264, *self.coded, *self.sound_coded, str(path)),
        ]


def _every(seconds: int) -> tuple[str, ...]:
    """Options for keyframes at each multiple of so many seconds, and nowhere else."""
    return ("-g", "9999", *_EVEN, f"expr:gte(t,n_forced*{seconds})")


_DEFAULTS = Recipe(
    "x264_defaults", "as x264 makes it by default: keyframes where scenes change, at most 10 s apart"
)
_OPEN_GOPS = Recipe(
    "open_gops",
    "keyframes in the middle of open GOPs",
    "no true keyframes (IDR)",
    coded=("-x264-params", "open-gop=1:keyint=50:bframes=3:scenecut=0"),
)
_RATES = {"23_976": "24000/1001", "29_97": "30000/1001", "50": "50", "59_94": "60000/1001"}
_AC3 = (
    *("-c:a:0", "aac", "-c:a:1", "ac3", "-c:a:2", "aac", "-metadata:s:a:0", "language=eng"),
    *("-metadata:s:a:1", "language=fra", "-metadata:s:a:2", "language=deu"),
)
_PQ = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
_PQ_CODES = ("colorprim=bt2020", "transfer=smpte2084", "colormatrix=bt2020nc")
_NOISE = "noise=alls=100:allf=t"
_WITH_HEVC = PlanOptions(preset="ultrafast", codecs=("h264", "hevc"))


def _x265(*options: str, pixels: str = "yuv420p", open_gops: bool = False) -> tuple[str, ...]:
    """Options for x265, by default with closed GOPs and keyframes where scenes change."""
    said = ("log-level=none", "scenecut=40", f"open-gop={open_gops:d}", *options)
    return ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", pixels, "-x265-params", ":".join(said))


RECIPES = (
    _DEFAULTS,
    *(Recipe(f"gop_{n}s", f"a keyframe every {n} s", coded=_every(n), seconds=21) for n in (1, 2, 5, 10)),
    Recipe("gop_20s", "a keyframe every 20 s", "no keyframe for 20.0 s", coded=_every(20), seconds=24),
    Recipe("all_intra", "every frame is a keyframe", coded=("-g", "1")),
    *(Recipe(f"rate_{n}", f"x264's defaults at {rate} fps", rate=rate) for n, rate in _RATES.items()),
    Recipe("b_pyramid", "eight B-frames in a row, which others refer to",
        coded=("-bf", "8", "-b_strategy", "0")),
    Recipe("no_b_frames", "no B-frames", coded=("-bf", "0")),
    Recipe("constrained_baseline", "Constrained Baseline", coded=("-profile:v", "baseline")),
    Recipe("main", "Main, with CABAC and B-frames", coded=("-profile:v", "main")),
    Recipe("slices", "four slices in each picture", coded=("-x264-params", "slices=4")),
    Recipe(
        "constant_rate",
        "a constant rate with filler data and the messages of a broadcaster",
        coded=("-b:v", "400k", "-x264-params", "nal-hrd=cbr:vbv-maxrate=400:vbv-bufsize=400:aud=1:filler=1"),
    ),
    Recipe("sets_in_band", "parameter sets repeated before each keyframe", coded=("-bsf:v", "dump_extra")),
    Recipe("cropped_inside", "cropped at all sides in the bitstream",
        "columns at its left are not to be shown",
        coded=("-bsf:v", "h264_metadata=crop_left=2:crop_right=2:crop_top=4:crop_bottom=4")),
    Recipe("signed_offsets", "no edit list, but negative composition offsets (ctts version 1)",
        coded=("-movflags", "+negative_cts_offsets", "-use_editlist", "0")),
    Recipe("no_edit_list", "no edit list: its first frame is shown 80 ms late", coded=("-use_editlist", "0")),
    Recipe("coarse_clock", "times in whole milliseconds", rate="30000/1001",
        coded=("-video_track_timescale", "1000")),
    Recipe("fragmented", "fragmented MP4",
        coded=("-movflags", "+frag_keyframe+empty_moov+default_base_moof")),
    Recipe("late_clock", "fragmented MP4 whose times begin at 100 s",
        coded=("-movflags", "+frag_keyframe+empty_moov", "-output_ts_offset", "100")),
    Recipe("mov", "MOV with a time code track", coded=("-timecode", "01:00:00:00"), suffix=".mov"),
    Recipe("mkv", "Matroska: times in whole milliseconds", rate="24000/1001", suffix=".mkv"),
    Recipe("no_sync_table", "without the table of keyframes (stss)", patch=patches.without_sync_table),
    Recipe("wrong_sync_table", "a table of keyframes that names others", patch=patches.with_wrong_sync_table),
    Recipe("sound_later", "sound that begins 1.3 s after the picture", sound_before=("-itsoffset", "1.3")),
    Recipe("sound_shorter", "sound that ends 4 s before the picture", sound_before=("-ss", "4")),
    Recipe("picture_a_little_later", "a picture that begins 40 ms after the sound",
        picture_before=("-itsoffset", "0.04")),
    Recipe("several_sounds", "AAC, AC-3 and again AAC in three languages", sounds=3, sound_coded=_AC3),
    Recipe("no_sound", "no sound", sounds=0),
    _OPEN_GOPS,
    replace(
        _OPEN_GOPS,
        name="leading_pictures",
        what="cut out of open GOPs: frames that are shown before its first keyframe cannot be decoded",
        refused="does not begin with a keyframe",
        seconds=20,
        remuxed=(("-ss", "4"), ("-avoid_negative_ts", "make_zero")),
        suffix=".mkv",
    ),
    Recipe("intra_refresh", "recovery points instead of keyframes", "no true keyframes (IDR)",
        coded=("-x264-params", "intra-refresh=1:keyint=50")),
    Recipe("edit_list_trims", "an edit list that leaves out the first 1.4 s", "its edit list leaves out",
        remuxed=(("-ss", "1.4"), ())),
    Recipe("picture_later", "an empty edit: the picture begins 0.5 s after the sound", "it begins 0.5",
        picture_before=("-itsoffset", "0.5")),
    Recipe("vfr", "frames at uneven times, as of a screen recorder", "its frame rate is not constant",
        filters="settb=1/90000,setpts='N/25/TB+2000*random(1)'",
        coded=("-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000")),
    Recipe("one_late_frame", "one frame 20 ms late", "frames 149 and 150 are 20 ms further apart",
        filters="settb=1/90000,setpts='N/25/TB+1800*eq(N,150)'",
        coded=("-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000")),
    Recipe("high_10", "High 10", "its profile is High 10", coded=("-pix_fmt", "yuv420p10le")),
    Recipe("high_422", "High 4:2:2", "its profile is High 4:2:2", coded=("-pix_fmt", "yuv422p")),
    Recipe("full_range", "full range of values", "full range", coded=("-pix_fmt", "yuvj420p")),
    Recipe("hdr", "8 bits that are said to be PQ", "it is HDR (PQ)", filters=_PQ,
        coded=("-x264-params", "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc")),
    Recipe("level_6", "level 6.0 in its header", "its level is 6.0", coded=("-level", "6.0")),
    Recipe("high_peak", "more than 25 Mb/s", "Mb/s is the limit", rate="50", size=(512, 288), filters=_NOISE,
        coded=("-preset", "ultrafast", "-crf", "2")),
    Recipe("interlaced", "interlaced, top field first", "it is interlaced",
        filters="scroll=h=0.01,tinterlace=interleave_top", rate="50",
        coded=("-flags", "+ildct+ilme", "-x264opts", "tff=1")),
    Recipe("said_interlaced", "progressive, coded as interlaced", "it is coded as interlaced video",
        coded=("-x264-params", "fake-interlaced=1"), size=(192, 128)),
    Recipe("nearly_square", "pixels of 1280:1281, as programs write whose sizes are rounded",
        filters="setsar=1280/1281"),
    Recipe("wide_pixels", "pixels of 4:3", "its pixels are not square (4:3)", filters="setsar=4/3"),
    Recipe("rotated", "turned by a display matrix", "players must turn it",
        remuxed=(("-display_rotation", "90"), ())),
    Recipe("mirrored", "mirrored by a display matrix", "players must mirror it",
        remuxed=(("-display_hflip",), ())),
    Recipe("sets_change", "parameter sets that change in the middle, as in joined recordings",
        "its parameter sets change midway", sounds=0, patch=patches.joined_with_another_size),
    Recipe("120_fps", "120 frames a second", "it has 120 frames a second", rate="120"),
    Recipe("transport_stream", "MPEG-TS", "neither an MP4 nor a Matroska file", suffix=".ts"),
    *(replace(recipe, options=_WITH_HEVC) for recipe in (
        Recipe("hevc", "HEVC with closed GOPs", coded=_x265("keyint=60:min-keyint=10")),
        Recipe("hevc_mkv", "the same in Matroska, at 24000/1001 fps", rate="24000/1001", suffix=".mkv",
            coded=_x265()),
        Recipe("hevc_sets_in_band", "HEVC with parameter sets repeated before each keyframe",
            coded=_x265("repeat-headers=1:keyint=40:min-keyint=40")),
        Recipe("hevc_wrong_sync_table", "HEVC, and a table of keyframes that names others",
            "no true keyframes (IDR)", coded=_x265(), patch=patches.with_wrong_sync_table),
        Recipe("hevc_open_gops", "HEVC as x265 makes it by default: open GOPs", "(open GOP)",
            coded=_x265("keyint=50", open_gops=True)),
        Recipe("hevc_cra", "CRA pictures instead of true keyframes", "no true keyframes (IDR)",
            coded=_x265("keyint=50:bframes=0", open_gops=True)),
        Recipe("hevc_radl", "pictures that are shown before the keyframe that they follow", "(RADL)",
            coded=_x265("keyint=50:min-keyint=50:scenecut=0:radl=2")),
        Recipe("hevc_10_bit", "HEVC Main 10 in SDR", "not 8-bit 4:2:0",
            coded=_x265(pixels="yuv420p10le")),
        Recipe("hevc_422", "HEVC in 4:2:2", "its pixels are yuv422p", coded=_x265(pixels="yuv422p")),
        Recipe("hevc_high_tier", "HEVC in the High tier", "its tier is High",
            coded=_x265("level-idc=4:vbv-maxrate=20000:vbv-bufsize=20000")),
        Recipe("hevc_level_6", "level 6.0 in its header", "its level is 6.0",
            coded=(*_x265(), "-bsf:v", "hevc_metadata=level=6")),
        Recipe("hevc_cropped_inside", "HEVC cropped in the bitstream",
            "columns at its left are not to be shown",
            coded=(*_x265(), "-bsf:v", "hevc_metadata=crop_left=2:crop_top=4")),
        Recipe("hevc_display_window", "HEVC with a default display window", "a default display window",
            coded=_x265("display-window=2,2,2,2")),
    )),
    Recipe("hevc_hdr10", "HEVC Main 10 in PQ", filters=_PQ, coded=_x265(*_PQ_CODES, pixels="yuv420p10le"),
        options=PlanOptions(preset="ultrafast", hdr=True)),
    Recipe("hevc_without_its_set", "HEVC where titles get H.264 only", "only if NIGHTREEL_CODECS names hevc",
        coded=_x265()),
)  # fmt: skip
