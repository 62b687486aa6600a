"""API keys: what is stored of them, and which are good."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog
from nightreel.catalog.api_keys import fingerprint
from nightreel.errors import ConfigurationError
from tests.catalog.conftest import PAST, Database


def test_a_key_is_found_by_its_text_and_keeps_its_name_and_scopes(catalog: Catalog) -> None:
    made, text = catalog.api_keys.make("backend", ["read", "convert", "read"])
    assert text.startswith(f"nr_{made.key_id}_")
    found = catalog.api_keys.find(text)
    assert found == made
    assert (made.name, made.scopes) == ("backend", ("read", "convert"))


def test_the_database_holds_nothing_that_opens_the_door(catalog: Catalog, database: Database) -> None:
    _, text = catalog.api_keys.make("backend", ["read"])
    secret = text.rsplit("_", 1)[1]
    assert len(bytes.fromhex(secret)) == 32
    (row,) = database.query("SELECT k::text AS line, secret_sha256 FROM nightreel.api_keys k")
    assert secret not in row["line"]
    assert catalog.api_keys.find(f"nr_{text.split('_')[1]}_{row['secret_sha256']}") is None


def test_of_another_key_neither_half_helps(catalog: Catalog) -> None:
    _, one = catalog.api_keys.make("one", ["read"])
    _, other = catalog.api_keys.make("other", ["read"])
    _, key_id, _ = one.split("_")
    assert catalog.api_keys.find(f"nr_{key_id}_{other.split('_')[2]}") is None


def test_a_revoked_key_is_good_for_nothing_and_stays_in_the_list(catalog: Catalog) -> None:
    key, text = catalog.api_keys.make("backend", ["read"])
    assert catalog.api_keys.revoke(key.key_id)
    assert not catalog.api_keys.revoke(key.key_id)
    assert catalog.api_keys.find(text) is None
    assert catalog.api_keys.fingerprints() == frozenset()
    assert [(each.key_id, each.revoked_at is not None) for each in catalog.api_keys.every()] == [
        (key.key_id, True)
    ]


def test_a_key_may_expire(catalog: Catalog) -> None:
    _, text_over = catalog.api_keys.make("over", ["read"], PAST)
    good, text_good = catalog.api_keys.make("good", ["read"], timedelta(days=1))
    assert catalog.api_keys.find(text_over) is None
    assert catalog.api_keys.find(text_good) == good
    assert catalog.api_keys.fingerprints() == {fingerprint(text_good)}


def test_the_use_of_a_key_is_written_down_once_a_minute(catalog: Catalog, database: Database) -> None:
    _, text = catalog.api_keys.make("backend", ["read"])

    def used_after_a_use() -> object:
        catalog.api_keys.find(text)
        return database.row("SELECT last_used_at FROM nightreel.api_keys")["last_used_at"]

    first = used_after_a_use()
    assert first is not None
    assert used_after_a_use() == first
    database.query("UPDATE nightreel.api_keys SET last_used_at = last_used_at - interval '61 seconds'")
    assert used_after_a_use() > first  # type: ignore[operator]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "nul\0", "x" * 101])
def test_a_key_has_a_name_of_one_line(catalog: Catalog, name: str) -> None:
    with pytest.raises(ConfigurationError, match="one line"):
        catalog.api_keys.make(name, ["read"])


@pytest.mark.parametrize("change", [str.upper, "{}\n".format, " {}".format, "{}\0".format, "{}0".format])
def test_a_key_is_taken_to_the_letter(catalog: Catalog, change: Callable[[str], str]) -> None:
    _, text = catalog.api_keys.make("backend", ["read"])
    assert catalog.api_keys.find(change(text)) is None
