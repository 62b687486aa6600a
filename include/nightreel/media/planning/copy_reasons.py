"""The reasons why a picture is not copied, each as the end of a sentence. Empty where there is none.

What players need of a copied picture they need of an encoded one (Apple's HLS authoring rules), but for what
Apple only recommends. Frames are numbered in display order, from 0.
"""

from collections.abc import Iterator
from fractions import Fraction

from nightreel.figures import timecode
from nightreel.media.coded_picture import CodedPicture, Places, UnevenGap
from nightreel.media.planning.copy_forms import form_of
from nightreel.media.planning.frame_rate import MAX_RATE, MIN_RATE
from nightreel.media.planning.plan_picture import SMALLEST_SIDES
from nightreel.media.source import SourceProbe, nearly_square
from nightreel.vocabulary.media import VideoCodec

_CODEC_NAMES = {"av1": "AV1", "vp9": "VP9", "vp8": "VP8", "mpeg4": "MPEG-4 Part 2"}
_RECORDS = {"h264": "avcC", "hevc": "hvcC"}
"""The box with the parameter sets (ISO/IEC 14496-15), of each codec that is copied."""
_CONTAINERS = {"mov", "matroska"}
_FULL_RANGE = "yuvj420p"
_VIVID = {"bt2020", "smpte431", "smpte432", "smpte428"}
_SAME_RATE = Fraction(1001, 1000)
_HELD_FRAMES = Fraction(3, 2)


def not_looked_into(source: SourceProbe) -> Iterator[str]:
    """Of a source without `coded`."""
    codec = source.video.codec
    if codec not in _RECORDS:
        yield f"it is {_CODEC_NAMES.get(codec, codec.upper())}; only H.264 and HEVC are copied"
    elif _CONTAINERS.isdisjoint(source.container.split(",")):
        yield "the file is neither an MP4 nor a Matroska file, from which alone pictures are copied"
    else:
        yield f"the file has no record of its parameter sets ({_RECORDS[codec]})"


def no_set(source: SourceProbe, codecs: tuple[VideoCodec, ...], *, hdr: bool) -> Iterator[str]:
    """A copy is the best rendition of a set that the title has anyway."""
    video, dynamic_range = source.video, source.video.colour.dynamic_range
    if video.codec != "hevc":
        return
    if dynamic_range == "sdr" and "hevc" not in codecs:
        yield "it is HEVC, which is copied only if NIGHTREEL_CODECS names hevc"
    if dynamic_range != "sdr" and not hdr:
        yield f"it is HDR ({dynamic_range.upper()}), which is copied only with NIGHTREEL_HDR=true"
    if min(video.width, video.height) < SMALLEST_SIDES["hevc"]:
        yield f"its {video.width}×{video.height} pixels are too few for HEVC"


def samples(source: SourceProbe) -> Iterator[str]:
    """Only 4:2:0 in limited range is shown alike by all players: in 8 bits, and HDR in 10."""
    pixels, colour, form = source.video.pixel_format, source.video.colour, form_of(source.video)
    if pixels not in (form.pixel_format, _FULL_RANGE):
        yield f"its pixels are {pixels or 'of an unknown format'}, not {form.pixels} ({form.pixel_format})"
    elif pixels == _FULL_RANGE or colour.range == "full":
        yield "it uses the full range of values, which some players show with wrong contrast"


def fields(source: SourceProbe) -> Iterator[str]:
    """Players show fields as combs."""
    if source.video.interlaced or source.video.field_pictures:
        yield "it is interlaced"


def colours(source: SourceProbe) -> Iterator[str]:
    """SDR is in the colours of ordinary video (BT.709 or BT.601). No set but that in HEVC is HDR."""
    colour = source.video.colour
    if colour.dynamic_range != "sdr":
        if source.video.codec != "hevc":
            yield f"it is HDR ({colour.dynamic_range.upper()})"
    elif colour.primaries in _VIVID:
        yield f"its colours are more vivid ({colour.primaries}) than those of ordinary video"


def transparent(source: SourceProbe) -> Iterator[str]:
    """Players do not show transparency."""
    if source.video.alpha != "none":
        yield "it can have transparent parts"


def odd_size(source: SourceProbe) -> Iterator[str]:
    """4:2:0 has one chroma sample for two by two pixels."""
    width, height = source.video.width, source.video.height
    if width % 2 or height % 2:
        yield f"its size is odd ({width}×{height})"


def turned(source: SourceProbe) -> Iterator[str]:
    """The container's rotation is lost in segments."""
    if source.video.rotation:
        yield f"players must turn it by {source.video.rotation}°"
    if source.video.mirrored:
        yield "players must mirror it"


def joined(source: SourceProbe) -> Iterator[str]:
    """All times begin again midway."""
    if source.restarts:
        yield f"its times begin again at {timecode(source.restarts[0].seconds)}"


def held(source: SourceProbe) -> Iterator[str]:
    """The sound continues after the picture."""
    if source.held:
        yield f"its last frame must be held for {source.held:.1f} s, until the sound ends"


def damaged(source: SourceProbe) -> Iterator[str]:
    """An encoder would repair what can be repaired."""
    count = max(source.damage_seen, source.damaged_frames or 0)
    if count:
        yield f"{count} of its frames {'is' if count == 1 else 'are'} damaged"


def profile_and_level(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """What every player of the set decodes (Apple HLS authoring rules 1.3 and 1.6)."""
    form = form_of(source.video)
    if coded.profile not in form.profiles:
        name = form.other_profiles.get(coded.profile, str(coded.profile))
        yield f"its profile is {name}, and players are sure to decode no more than {form.best_profile}"
    if coded.high_tier:
        yield "its tier is High, and players are sure to decode no more than Main"
    if coded.level > form.highest_level:
        yield f"its level is {coded.level / 10}, and players decode no more than {form.highest_level / 10}"


def unsaid_range(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Players of segments see what the bitstream says of HDR, not what the container or a message says."""
    wanted = form_of(source.video).colour_codes
    if wanted and coded.colour_codes != wanted:
        name = source.video.colour.dynamic_range.upper()
        yield f"its parameter sets do not say that it is HDR in BT.2020 ({name})"


def layers(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """What only some decoders know, and others may stumble over."""
    if coded.layered.count:
        yield f"{_named(coded.layered, coded)} coded in more than one layer (a second view, or Dolby Vision)"


def fields_allowed(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Each picture may have another structure; what was measured are samples."""
    if coded.fields_allowed and not source.video.interlaced:
        yield "it is coded as interlaced video, although it was not seen to be"


def shape(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Players must show what a rung would show: the container's cropping and pixel shape are lost."""
    video = source.video
    if coded.shows_part:
        yield "only a part of it is to be shown (a default display window), which programs read differently"
    if coded.begins_inside:
        yield "lines at its top or columns at its left are not to be shown, which programs read differently"
    if (coded.width, coded.height) != (video.width, video.height):
        yield f"its {coded.width}×{coded.height} pixels must be cropped to {video.width}×{video.height}"
    for ratio in (video.sample_aspect_ratio, coded.sample_aspect_ratio):
        if not nearly_square(ratio):
            yield f"its pixels are not square ({ratio.numerator}:{ratio.denominator})"
            return


def parameter_sets(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """A CMAF track has one initialization segment (ISO/IEC 23000-19, 7.3.2.1)."""
    for kind, count in coded.sets.items():
        if count != 1:
            yield f"it has {count} {kind} parameter sets instead of one"
    if coded.sets_change:
        yield "its parameter sets change midway, as where the size of the picture changes"


def edited(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Packets cannot be cut; an edit list may only take up the delay of reordering."""
    if coded.edits > 1:
        yield f"its edit list shows {coded.edits} stretches of it"
    if coded.left_out:
        yield f"its edit list leaves out {_frames(coded.left_out)}"
    if source.late or source.early:
        yield "its edit list begins within a group of pictures"


def beginning(source: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """The title's first frame is that of the copy: there is nothing to show before it.

    Without an edit list, the picture begins later than the sound by the delay of reordering, which is cut.
    """
    if coded.rate is not None and source.picture_start >= (coded.reordering + 1) / coded.rate:
        yield f"it begins {source.picture_start:.3f} s after the title"


def uneven(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """All tracks of a title have one constant frame rate."""
    lone = len(coded.gaps)
    if coded.rate is None:
        if not coded.uneven:
            yield "it is a single frame"
        elif lone == coded.uneven:
            yield " and ".join(_gap(gap) for gap in coded.gaps)
        else:
            yield f"its frame rate is not constant: {coded.uneven} gaps between frames differ from the others"
    elif coded.last_frame_seconds > _HELD_FRAMES / coded.rate:
        yield f"its last frame is shown for {coded.last_frame_seconds:.3f} s"


def unusual_rate(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """No more than 60 frames a second (Apple HLS authoring rule 1.19), and at least one."""
    if coded.rate is not None and coded.rate < MIN_RATE:
        yield "it has less than one frame a second"
    if coded.rate is not None and coded.rate > MAX_RATE * _SAME_RATE:
        yield f"it has {float(coded.rate):.4g} frames a second, and players show no more than {MAX_RATE}"


def broken(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Packets that a player cannot decode."""
    if coded.broken.count:
        yield f"{_named(coded.broken, coded)} cut off or empty"


def entries(_: SourceProbe, coded: CodedPicture) -> Iterator[str]:
    """Every segment begins with an IDR picture, and no frame refers across a cut."""
    if not coded.keyframes or coded.keyframes[0] != 0:
        yield "it does not begin with a keyframe"
    if coded.other_entries.count:
        named = _named(coded.other_entries, coded)
        yield f"{named} marked as places to begin with, but no true keyframes (IDR)"
    if coded.leading.count:
        yield f"{_named(coded.leading, coded)} decoded after a keyframe but shown before it (RADL)"
    elif coded.mixed.count:
        yield (
            f"frames that belong to the pictures before it are decoded after keyframe "
            f"{coded.mixed.first[0]} (open GOP)"
        )
    elif coded.skipped.count:
        yield f"{_named(coded.skipped, coded)} such as can only be decoded after an earlier keyframe (RASL)"


def far_keyframes(coded: CodedPicture, most_seconds: float) -> Iterator[str]:
    """A segment cannot be shorter than the time between two keyframes."""
    if coded.rate is None or not coded.keyframes:
        return
    ends = (*coded.keyframes[1:], coded.frames)
    apart, first = max((end - start, -start) for start, end in zip(coded.keyframes, ends, strict=True))
    if apart > most_seconds * coded.rate:
        lasts, begins = float(apart / coded.rate), timecode(float(-first / coded.rate))
        yield f"it has no keyframe for {lasts:.1f} s after {begins}, and {most_seconds:g} s is the limit"


def high_rate(coded: CodedPicture, most_bps: int) -> Iterator[str]:
    """What viewers' connections carry."""
    if coded.peak_bps > most_bps:
        yield (f"it needs up to {coded.peak_bps / 1e6:.1f} Mb/s, and {most_bps / 1e6:g} Mb/s is the limit")


def _gap(gap: UnevenGap) -> str:
    apart = "further apart than" if gap.seconds > 0 else "closer together than"
    return f"frames {gap.frame} and {gap.frame + 1} are {_milliseconds(abs(gap.seconds))} {apart} the others"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.1f} s"


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _named(places: Places, coded: CodedPicture) -> str:
    """`frame 50 (at 0:00:02) is`, `3 frames, the first one 50 (at 0:00:02), are`."""
    first = places.first[0]
    at = f" (at {timecode(float(first / coded.rate))})" if coded.rate else ""
    if places.count == 1:
        return f"frame {first}{at} is"
    return f"{places.count} frames, the first one {first}{at}, are"
