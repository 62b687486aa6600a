"""The catalog in Postgres: the titles, who works on them, and their results."""

from nightreel.catalog.attempts import TitleAttempt
from nightreel.catalog.catalog import Catalog
from nightreel.catalog.connection import Limits
from nightreel.catalog.deliveries import Delivery, Pending
from nightreel.catalog.demo import create_demo_tables
from nightreel.catalog.events import Event
from nightreel.catalog.library import LibraryPage, LibraryQuery, TitleRecord
from nightreel.catalog.mapping import CatalogMapping, load_mapping
from nightreel.catalog.publish import Publication
from nightreel.catalog.records import (
    MAX_ATTEMPTS,
    ApiKey,
    AttemptOutcome,
    BacklogRow,
    Claim,
    HeldClaim,
    PublishedResult,
    Refusal,
    RowRefusal,
    TitleStatus,
    Variant,
)
from nightreel.catalog.refused_rows import MalformedIds

__all__ = [
    "MAX_ATTEMPTS",
    "ApiKey",
    "AttemptOutcome",
    "BacklogRow",
    "Catalog",
    "CatalogMapping",
    "Claim",
    "Delivery",
    "Event",
    "HeldClaim",
    "LibraryPage",
    "LibraryQuery",
    "Limits",
    "MalformedIds",
    "Pending",
    "Publication",
    "PublishedResult",
    "Refusal",
    "RowRefusal",
    "TitleAttempt",
    "TitleRecord",
    "TitleStatus",
    "Variant",
    "create_demo_tables",
    "load_mapping",
]
