from uuid import UUID

import pytest

from nightreel.catalog.free_ids import consecutive_ids, free_ids
from nightreel.errors import ConfigurationError


def test_free_ids_follow_the_largest_number() -> None:
    assert free_ids(["2", "10", "9"], 2) == ["11", "12"]


def test_an_empty_table_begins_at_one() -> None:
    assert free_ids([], 1) == ["1"]


def test_among_uuids_a_free_id_is_a_uuid() -> None:
    known = "8f14e45f-ceea-467f-a5b1-1c1d3c9a4f10"
    first, second = free_ids([known], 2)
    assert len({known, str(UUID(first)), str(UUID(second))}) == 3


def test_ids_of_no_known_kind_must_be_chosen() -> None:
    with pytest.raises(ConfigurationError, match="--id"):
        free_ids(["the-film"], 1)


def test_several_files_need_an_id_to_count_on_from() -> None:
    with pytest.raises(ConfigurationError, match="add them one by one"):
        consecutive_ids("the-film", 2)
