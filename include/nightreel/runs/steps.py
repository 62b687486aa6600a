"""The tasks of a title's run and of a night, by id, in the order of execution."""

from enum import StrEnum


class Step(StrEnum):
    """A task of `convert_title`."""

    CLAIM = "claim"
    FETCH = "fetch"
    PLAN = "plan"
    TRANSCODE = "transcode"
    """Mapped: one instance for each encode job."""
    PACKAGE = "package"
    VALIDATE = "validate"
    UPLOAD = "upload"
    PUBLISH = "publish"
    CLEANUP = "cleanup"
    NOTIFY = "notify"


class NightStep(StrEnum):
    """A task of `nightly_backlog`."""

    SCAN = "scan"
    CHECK = "check"
    CONVERT = "convert"
    """Starts the titles' runs, and waits for them."""
    REPORT = "report"
    NOTIFY = "notify"


DECISIVE_STEPS = tuple(step for step in Step if step not in (Step.CLEANUP, Step.NOTIFY))
"""The tasks between a run's start and its title's verdict. Later ones change nothing for the title."""
