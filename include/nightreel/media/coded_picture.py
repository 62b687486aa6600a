"""How a source's picture is coded, as a typed model: what has to be known before packets are copied."""

from fractions import Fraction

from pydantic import BaseModel, ConfigDict

PEAK_SECONDS = 6.0
"""What a picture's peak rate is measured over: about the length of a segment."""


class Places(BaseModel):
    """Frames with something in common: how many, and the first few of them in display order, from 0."""

    model_config = ConfigDict(frozen=True)

    count: int = 0
    first: tuple[int, ...] = ()


class UnevenGap(BaseModel):
    """Two frames, `frame` and the next one, that are further apart than the others by `seconds`.

    Less than 0 if they are closer together.
    """

    model_config = ConfigDict(frozen=True)

    frame: int
    seconds: float


class CodedPicture(BaseModel):
    """How a picture in H.264 or HEVC is coded, as its bitstream says.

    Frames are numbered in display order, from 0.
    """

    model_config = ConfigDict(frozen=True)

    profile: int
    """`profile_idc` (ITU-T H.264, annex A), or `general_profile_idc` (ITU-T H.265, annex A)."""
    level: int
    """Ten times the level."""
    high_tier: bool = False
    """Whether the tier is High (ITU-T H.265, A.4)."""
    fields_allowed: bool
    """Whether pictures may be coded as fields: `frame_mbs_only_flag` is 0 (ITU-T H.264, 7.4.2.1.1), or
    `general_interlaced_source_flag` or `field_seq_flag` is 1 (ITU-T H.265, 7.4.4 and E.3.1)."""
    begins_inside: bool = False
    """Whether lines at the top or columns at the left are coded but not shown (ITU-T H.264, 7.4.2.1.1;
    H.265, 7.4.3.2.1)."""
    shows_part: bool = False
    """Whether a default display window leaves out more of it (ITU-T H.265, E.3.1)."""
    colour_codes: tuple[int, ...] = ()
    """Of HEVC: primaries, transfer and matrix as numbered in ITU-T H.273; empty if it does not say."""
    sets: dict[str, int]
    """Parameter sets in the sample entry: of each kind of which there is to be one."""
    sets_change: bool
    """Whether samples bring parameter sets that differ from those of the sample entry."""
    width: int
    height: int
    """In pixels, before any cropping by the container."""
    sample_aspect_ratio: Fraction = Fraction(1)
    frames: int
    rate: Fraction | None = None
    """Frames per second if each is shown when this rate says, to the tick; otherwise None."""
    uneven: int = 0
    """How many gaps between frames differ from the others; 0 if there is a rate."""
    gaps: tuple[UnevenGap, ...] = ()
    """The first few of them."""
    last_frame_seconds: float = 0.0
    """How long the last frame is shown."""
    keyframes: tuple[int, ...]
    """Those that decoding may begin with: IDR pictures."""
    other_entries: Places = Places()
    """Frames marked as places to begin with that are no IDR picture: recovery points, and in HEVC CRA and BLA
    pictures."""
    leading: Places = Places()
    """Frames of HEVC that are shown before the entry that they follow, and need nothing before it (RADL)."""
    skipped: Places = Places()
    """Frames of HEVC that are shown before the entry that they follow, and need what is before it (RASL)."""
    mixed: Places = Places()
    """Keyframes and other entries that are not shown between all frames decoded before and all after them,
    as in open GOPs."""
    layered: Places = Places()
    """Frames of HEVC with units of another layer, or of types that the standard leaves open: a second view,
    or Dolby Vision."""
    broken: Places = Places()
    """Frames whose data are cut off, or that hold no picture."""
    reordering: int = 0
    """How many frames later, at most, a frame is decoded than it would be in display order."""
    peak_bps: int
    """The highest rate of any `PEAK_SECONDS`."""
    left_out: int = 0
    """Frames that the container's edit list leaves out."""
    edits: int = 0
    """How many stretches the edit list is made of; 0 without one."""
