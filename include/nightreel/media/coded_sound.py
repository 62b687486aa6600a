"""How a source's sound in AAC is coded, as its own description and its packets say."""

from pydantic import BaseModel, ConfigDict


class SoundBreak(BaseModel):
    """A packet that does not begin where the one before it ends. Times in seconds.

    `at` is when it is heard, on the container's clock. `missing` is how much is between the two; less than 0
    if they overlap.
    """

    model_config = ConfigDict(frozen=True)

    at: float
    missing: float


class CodedSound(BaseModel):
    """One sound in AAC. Its packets are those that the container's edit list leaves."""

    model_config = ConfigDict(frozen=True)

    index: int
    """That of the track in the source."""
    object_type: int
    """`audioObjectType`: 2 is AAC-LC (ISO/IEC 14496-3, table 1.17)."""
    extended: bool
    """Whether it is HE-AAC: SBR or PS is said in its description, or was met in the first packets."""
    sample_rate: int
    """Of the core, in Hz."""
    channel_configuration: int
    """2 is a pair of left and right (ISO/IEC 14496-3, table 1.19)."""
    frame_samples: int
    """How many samples a packet has: 1024 or 960."""
    changes: bool = False
    """Whether packets bring another description than that of the track."""
    start: float
    """When its last unbroken row of packets is first heard, in seconds on the container's clock."""
    packets: int
    """How many packets are in this row."""
    bps: int
    """The average rate of these packets, in bits per second."""
    breaks: int = 0
    first_breaks: tuple[SoundBreak, ...] = ()
    """The first few of them."""
    broken: int = 0
    """Packets whose data are damaged, or that have no time."""
