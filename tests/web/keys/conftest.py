"""Releases that are encrypted, in the catalog of the app."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from nightreel.catalog import Claim
from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import Database

Encrypted = Callable[[], tuple[Title, ContentKey]]


@pytest.fixture(scope="module")
def encrypted(services: Services, database: Database) -> Encrypted:
    """Makes a title whose release has a content key."""
    numbers = count(1)

    def make() -> tuple[Title, ContentKey]:
        title = database.add_movie(next(numbers))
        claim = services.catalog.claims.one(title, "run-1", timedelta(minutes=15))
        assert isinstance(claim, Claim)
        return title, services.catalog.content_keys.make(claim, "cbcs")

    return make
