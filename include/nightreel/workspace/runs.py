"""A run of the work area: the title and the release that it makes."""

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.release import valid_release_id
from nightreel.vocabulary.title import Title


def run_key(title: Title, release: str) -> str:
    """`movie/7/20261121T010000-0a1b2c3d`: the name of the run that makes this release."""
    if not valid_release_id(release):
        raise ConfigurationError(f"malformed release id {release!r}")
    return f"{title.content_type}/{title.content_id}/{release}"


def parse_run_key(run: str) -> tuple[Title, str]:
    """The title and the release of a run. Raises ConfigurationError for any other text."""
    parts = run.split("/")
    if len(parts) != 3:
        raise ConfigurationError(
            f"{run!r} does not name a run: it must be <content type>/<content id>/<release>"
        )
    title = Title(parts[0], parts[1])
    run_key(title, parts[2])
    return title, parts[2]


def folder_of(run: str) -> str:
    """The one folder of a run; neither part of a run key holds a dot."""
    return run.replace("/", ".")


def run_in(folder: str) -> str:
    """The run that a folder would belong to."""
    return folder.replace(".", "/")
