"""`api-key`: made once, listed without secrets, and revoked."""

from datetime import UTC, datetime, timedelta

from nightreel.catalog import Catalog
from tests.cli.conftest import Run


def test_a_new_key_is_printed_alone_with_a_line_to_try_it_beside(run: Run, catalog: Catalog) -> None:
    result = run("api-key", "create", "--name", "backend", "--scope", "read", "--scope", "convert")
    assert result.exit_code == 0
    text = result.stdout.strip()
    key = catalog.api_keys.find(text)
    assert key is not None
    assert (key.name, key.scopes, key.expires_at) == ("backend", ("read", "convert"), None)
    assert f"curl -H 'ApiKey: {text}'" in result.stderr


def test_a_key_may_be_good_for_some_days(run: Run, catalog: Catalog) -> None:
    run("api-key", "create", "--name", "guest", "--scope", "read", "--days", "7")
    (key,) = catalog.api_keys.every()
    assert key.expires_at is not None
    assert abs(key.expires_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(hours=1)


def test_a_key_without_a_scope_or_with_an_unknown_one_is_not_made(run: Run, catalog: Catalog) -> None:
    assert run("api-key", "create", "--name", "backend").exit_code == 2
    assert run("api-key", "create", "--name", "backend", "--scope", "everything").exit_code == 2
    assert catalog.api_keys.every() == []


def test_the_list_shows_every_key_and_no_secret(run: Run, catalog: Catalog) -> None:
    made, text = catalog.api_keys.make("backend", ["read", "upload"])
    gone, _ = catalog.api_keys.make("old backend", ["read"])
    catalog.api_keys.revoke(gone.key_id)
    lines = run("api-key", "list").stdout.splitlines()
    assert len(lines) == 3
    assert all(word in lines[1] for word in (made.key_id, "backend", "read upload", "never"))
    assert all(word in lines[2] for word in (gone.key_id, "old backend", "revoked"))
    assert text.rsplit("_", 1)[1] not in "".join(lines)


def test_a_revoked_key_is_good_for_nothing(run: Run, catalog: Catalog) -> None:
    made, text = catalog.api_keys.make("backend", ["read"])
    assert run("api-key", "revoke", made.key_id).exit_code == 0
    assert catalog.api_keys.find(text) is None
    again = run("api-key", "revoke", made.key_id)
    assert again.exit_code == 2
    assert "nightreel api-key list" in again.stderr
