"""Every error that Nightreel raises on purpose, sorted by what to do about it.

A retry may cure a `Transient`; it cannot cure anything else. A `Rejected` names a
reason code and carries a sentence for the owner of the title: the title is
quarantined with it. The retry policy (`orchestration.retries`) reads only these bases.
"""


class NightreelError(Exception):
    """Base of all errors raised on purpose."""


class Transient(NightreelError):
    """A condition that may be gone at the next try: retry with backoff."""


class StorageUnavailable(Transient):
    """The bucket or the source's host did not answer, or answered with a server error."""


class ObjectChanged(Transient):
    """Another process has written an object since it was read, so this process changes nothing.

    The next try asks the catalog whose turn it is.
    """


class CatalogUnavailable(Transient):
    """The catalog database did not answer."""


class EncoderFailed(Transient):
    """FFmpeg or the packager ended with an error; the message carries the end of stderr."""


class ProgramStalled(Transient):
    """A media program was killed because it made no progress; the message names it.

    It had been stopped, or waited for a disk or a device.
    """


class WorkAreaFull(Transient):
    """The work area has too little free space for the step."""


class Rejected(NightreelError):
    """A verdict that no retry changes: the title is quarantined with this reason.

    `code` is a stable snake_case identifier, `sentence` is for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class SourceRejected(Rejected):
    """The source cannot become a stream."""


class ReleaseRejected(Rejected):
    """The finished release did not pass the gate."""


class Permanent(NightreelError):
    """A fault in the set-up or the request: fail at once, do not quarantine the title."""


class ConfigurationError(Permanent):
    """A setting, the ladder or the mapping is wrong; the message names it and the cure."""


class TitleNotFound(Permanent):
    """No row of the user's table has this content type and id."""


class ClaimLost(Permanent):
    """Another run owns the title now; this run must leave it alone."""
