"""The title that a request names, and whether the catalog has it."""

from typing import Annotated

from fastapi import Path

from nightreel.catalog import TitleRecord
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import CONTENT_ID, CONTENT_TYPE, Title
from nightreel.web.problems import Problem
from nightreel.web.services import Services

TITLE_PATH = "/videos/{content_type}/{content_id}"

CONTENT_TYPE_PATTERN = f"^{CONTENT_TYPE.pattern}$"
CONTENT_ID_PATTERN = f"^{CONTENT_ID.pattern}$"
"""The ids that a Title accepts, for the API's description."""

# In paths, patterns are documented but not enforced: mismatches are answered in words.
ContentType = Annotated[str, Path(examples=["movie"], json_schema_extra={"pattern": CONTENT_TYPE_PATTERN})]
ContentId = Annotated[str, Path(examples=["123"], json_schema_extra={"pattern": CONTENT_ID_PATTERN})]


def title_from(content_type: str, content_id: str) -> Title:
    """The title that a request names. Raises Problem 422 for names that no title can have."""
    try:
        return Title(content_type, content_id)
    except ConfigurationError as error:
        raise Problem(422, "No such title", str(error)) from None


def require_mapped(services: Services, content_type: str) -> None:
    """Raises Problem 422 for a content type that the catalog does not have."""
    known = services.catalog.mapping.content_types
    if content_type not in known:
        raise Problem(422, "No such content type", f"content_type is one of: {', '.join(known)}.")


def mapped_title(services: Services, content_type: str, content_id: str) -> Title:
    """The title, with its id as its table writes it if there is such a row.

    Raises Problem 404 for a content type that the catalog does not have, 422 for malformed names.
    """
    return services.catalog.titles.as_stored(_of_a_table(services, content_type, content_id))


def known_title(services: Services, content_type: str, content_id: str) -> tuple[Title, TitleRecord]:
    """The title, with its id as its table writes it. Raises Problem 404 if there is none."""
    title = _of_a_table(services, content_type, content_id)
    record = services.catalog.library.find(title)
    if record is None:
        raise _no_such_title(title)
    return Title(record.content_type, record.content_id), record


def _of_a_table(services: Services, content_type: str, content_id: str) -> Title:
    title = title_from(content_type, content_id)
    if content_type not in services.catalog.mapping.content_types:
        raise _no_such_title(title)
    return title


def _no_such_title(title: Title) -> Problem:
    return Problem(404, "No such title", f"The catalog has no {title}.")
