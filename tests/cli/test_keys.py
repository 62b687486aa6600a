import pytest
from cryptography.fernet import Fernet

from nightreel.catalog import Catalog
from nightreel.cli.deployment import current
from nightreel.vocabulary.title import Title
from tests.cli.conftest import Run, add, claim

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_rotation_stores_every_key_under_the_first_secret(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", OLD)
    held = claim(catalog, add(catalog, Title("movie", "1")))
    key = current().catalog().content_keys.make(held, "cbcs")
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", f"{NEW},{OLD}")
    result = run("rotate-keys")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "1")
    assert NEW not in result.output
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", NEW)
    assert current().catalog().content_keys.find(held.title, held.release) == key


def test_a_rotation_without_the_old_secret_is_a_wrong_set_up(
    run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", OLD)
    current().catalog().content_keys.make(claim(catalog, add(catalog, Title("movie", "1"))), "cbcs")
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", NEW)
    result = run("rotate-keys")
    assert result.exit_code == 2
    assert result.stderr.startswith("nightreel: NIGHTREEL_KEY_SECRET does not decrypt")
