"""Which tables and columns of the user have the titles: `config/catalog.yaml`.

A column that the user's table does not have is left out of the mapping. It is then neither read nor written.
"""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

# PostgreSQL truncates longer identifiers, and would then look for another name. For psycopg2, a
# percent sign begins a parameter.
Column = Annotated[str, Field(pattern=r"^[^%]{1,63}$")]

MARKS = ("converted_from", "converted_version")
"""The columns that say what the published release was made from."""
OUTPUTS = ("hls_url", "dash_url", "thumbnail_url", "duration_seconds", *MARKS)
"""The columns that publishing writes."""


class Columns(BaseModel):
    """The user's name of each column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Column
    title: Column
    video_url: Column

    hls_url: Column | None = None
    dash_url: Column | None = None
    thumbnail_url: Column | None = None
    duration_seconds: Column | None = None
    converted_from: Column | None = None
    """A text that names the title and the source of its release: an index then has the rows that wait."""
    converted_version: Column | None = None
    """The `source_version` of its release, in a column of the same type."""

    created_at: Column | None = None
    """When the row was created: the backlog takes the oldest first."""
    source_version: Column | None = None
    """A column that changes when the source changes under the same URL: an ETag, a checksum, a time of
    upload. Mapping or filling this column does not make converted titles be converted again."""
    source_bytes: Column | None = None
    """Size of the source in bytes, if known before it is fetched."""
    source_duration: Column | None = None
    """Length of the source in seconds, if known before it is fetched."""
    value: Column | None = None
    """A number, such as views or a priority: among titles that wait alike, the greatest is taken first."""
    encrypt: Column | None = None
    """Whether the title is to be encrypted; null leaves it to NIGHTREEL_ENCRYPT."""

    @model_validator(mode="after")
    def _outputs_stand_alone(self) -> Self:
        # If publishing overwrote the source's URL or version, every night would convert it again.
        taken = {getattr(self, role): role for role in type(self).model_fields if role not in OUTPUTS}
        for role in OUTPUTS:
            column = getattr(self, role)
            if column is None:
                continue
            if column in taken:
                raise ValueError(
                    f"{role} is written, so it cannot be column {column!r}, mapped as {taken[column]}"
                )
            taken[column] = role
        return self

    @model_validator(mode="after")
    def _marks_are_complete(self) -> Self:
        # A mark that does not tell the versions apart would hide a source that changed under its URL.
        wanted = self.converted_from is not None and self.source_version is not None
        if wanted and self.converted_version is None:
            raise ValueError("converted_from and source_version need converted_version beside them")
        if self.converted_version is not None and not wanted:
            raise ValueError("converted_version needs converted_from and source_version beside it")
        return self

    @property
    def outputs(self) -> dict[str, str]:
        """The mapped columns that publishing writes, by role."""
        return {role: getattr(self, role) for role in OUTPUTS if getattr(self, role) is not None}


class TableMapping(BaseModel):
    """One content type's table: `movies`, or `schema.movies`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(pattern=r"^[^.%]{1,63}(\.[^.%]{1,63})?$")
    columns: Columns
    order_by: Column | None = None
    """The column that orders the backlog, smallest first; empty: created_at, or else id."""

    @property
    def position(self) -> str:
        """The column that orders the backlog."""
        return self.order_by or self.columns.created_at or self.columns.id


class CatalogMapping(BaseModel):
    """The user's tables, by content type."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content_types: Annotated[dict[str, TableMapping], Field(min_length=1)]

    @model_validator(mode="after")
    def _content_types_are_names(self) -> Self:
        for content_type in self.content_types:
            try:
                Title(content_type, "0")
            except ConfigurationError as error:
                raise ValueError(str(error)) from None
        return self

    def table_of(self, content_type: str) -> TableMapping:
        """Raises ConfigurationError for a content type that is not mapped."""
        try:
            return self.content_types[content_type]
        except KeyError:
            known = ", ".join(self.content_types)
            raise ConfigurationError(
                f"content type {content_type!r} is not in the catalog mapping, which has {known}"
            ) from None


def load_mapping(path: Path) -> CatalogMapping:
    """Raises ConfigurationError that names the file and each wrong entry in it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the catalog mapping {path}: {error.strerror}; NIGHTREEL_CATALOG_MAPPING names it"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is not YAML: {error}") from error
    try:
        return CatalogMapping.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'the whole'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        ]
        raise ConfigurationError(f"{path}: " + "; ".join(faults)) from None
