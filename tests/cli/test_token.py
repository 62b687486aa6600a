"""`token`: what a player shows to get a key."""

from secrets import token_hex

import pytest

from nightreel.catalog import Catalog
from nightreel.settings import load_settings
from nightreel.vocabulary.title import Title
from nightreel.web.keys.tokens import title_of
from tests.cli.conftest import Run, add


@pytest.fixture
def secret(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> str:
    secret = token_hex(32)
    monkeypatch.setenv("NIGHTREEL_TOKEN_SECRET", secret)
    return secret


def test_a_token_is_printed_for_the_title(run: Run, secret: str) -> None:
    result = run("token", "movie", "7", "--seconds", "60")
    assert result.exit_code == 0
    assert title_of(load_settings(), result.stdout.strip()) == Title("movie", "7")
    assert secret not in result.output


def test_a_token_is_for_the_title_as_its_table_writes_it(run: Run, catalog: Catalog, secret: str) -> None:
    add(catalog, Title("movie", "7"))
    token = run("token", "movie", "007").stdout.strip()
    assert title_of(load_settings(), token) == Title("movie", "7")


def test_a_token_that_would_live_too_long_is_not_made(run: Run, secret: str) -> None:
    result = run("token", "movie", "7", "--seconds", "301")
    assert result.exit_code == 2
    assert "NIGHTREEL_TOKEN_SECONDS" in result.stderr


def test_without_the_secret_its_variable_is_named(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIGHTREEL_TOKEN_SECRET", raising=False)
    result = run("token", "movie", "7")
    assert result.exit_code == 2
    assert "NIGHTREEL_TOKEN_SECRET" in result.stderr
