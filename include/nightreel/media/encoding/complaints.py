"""What the decoder reports while a source is encoded: damage that the earlier samples missed."""

from dataclasses import dataclass

from nightreel.media.inspection.integrity import tolerated
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.renditions import EncodeJob
from nightreel.media.source import SourceProbe

# FFmpeg logs one of these for each frame that it repaired and each packet that it refused.
_COMPLAINTS = ("corrupt decoded frame", "Error submitting packet to decoder")


@dataclass
class Complaints:
    """Counts what FFmpeg's decoder reports while it encodes. Called with each line of stderr."""

    damaged: int = 0

    def __call__(self, line: str) -> None:
        """Counts the line if a decoder reports damage in it."""
        self.damaged += any(complaint in line for complaint in _COMPLAINTS)


def judge_encoded(source: SourceProbe, job: EncodeJob, damaged: int, tolerance: float) -> str:
    """The sentence for the title's owner about damage found while encoding; empty if it is not news.

    Raises SourceRejected (`undecodable`) for a picture that is damaged beyond `tolerance`: what lies
    between the samples is only seen now.
    """
    if not damaged or source.damaged_frames is not None:
        return ""
    if job.kind != "video":
        return f"The source is damaged: {damaged} packets of {job.label} could not be decoded."
    frames = job.end_frame - job.start_frame
    if damaged > tolerated(frames, tolerance):
        raise Refusal.UNDECODABLE.because(damaged=damaged, frames=frames, where="")
    return (
        f"The picture is damaged in places: while it was encoded, {damaged} of {frames} frames could not "
        "be decoded correctly."
    )
