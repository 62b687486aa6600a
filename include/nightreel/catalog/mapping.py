"""Which tables and columns of the user hold the titles: `config/catalog.yaml`.

A column that the user's table does not have is left out of the mapping, and then neither
read nor written.
"""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

# PostgreSQL cuts longer identifiers off, and would then look for another name; a percent
# sign would begin a parameter of the statement for psycopg2.
Column = Annotated[str, Field(pattern=r"^[^%]{1,63}$")]

OUTPUTS = ("hls_url", "dash_url", "thumbnail_url", "duration_seconds")
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

    created_at: Column | None = None
    """When the row came to be: the backlog takes the oldest first."""
    source_version: Column | None = None
    """A column whose change means that the source changed though its URL did not: an ETag,
    a checksum, a time of upload. A title that was converted before this column was mapped
    or filled is not converted again for that alone."""
    source_bytes: Column | None = None
    """Size of the source, if known before it is fetched."""
    source_duration: Column | None = None
    """Seconds of the source, if known before it is fetched."""
    encrypt: Column | None = None
    """Whether the title is to be encrypted; null leaves it to NIGHTREEL_ENCRYPT."""

    @model_validator(mode="after")
    def _outputs_stand_alone(self) -> Self:
        # Publishing over the source's URL or version would make every night convert it again.
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

    @property
    def outputs(self) -> dict[str, str]:
        """The mapped ones of the columns that publishing writes, by role."""
        return {role: getattr(self, role) for role in OUTPUTS if getattr(self, role) is not None}


class TableMapping(BaseModel):
    """One content type's table: `movies`, or `schema.movies`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(pattern=r"^[^.%]{1,63}(\.[^.%]{1,63})?$")
    columns: Columns
    order_by: Column | None = None
    """The column by which the backlog goes, smallest first; empty: created_at, else id."""


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
