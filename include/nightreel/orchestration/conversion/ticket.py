"""What the claim task passes to the other tasks of a run."""

from pydantic import BaseModel, ConfigDict

from nightreel.vocabulary.title import Title


class Ticket(BaseModel):
    """Which title, and the proof of owning it."""

    model_config = ConfigDict(frozen=True)

    content_type: str
    content_id: str
    token: str
    release: str
    first: bool = False
    """Whether the run makes a first release, unless there is one to complete."""
    ladder: tuple[str, ...] = ()
    encrypted: bool = False
    sound: bool = True
    """Whether the source's sounds are taken over."""
    claimed_at: float
    """Seconds since the epoch."""

    @property
    def title(self) -> Title:
        """The title that the run converts."""
        return Title(self.content_type, self.content_id)
