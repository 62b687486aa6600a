import json
from pathlib import Path

import pytest

from nightreel.errors import ConfigurationError
from nightreel.local.credentials import Credentials, credentials
from nightreel.local.home import Home


def test_credentials_are_generated_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = credentials(home)
    assert credentials(home) == first
    assert home.credentials.stat().st_mode & 0o777 == 0o600


def test_a_stack_of_an_earlier_version_keeps_its_secrets_and_gets_those_that_are_new(tmp_path: Path) -> None:
    home = Home(tmp_path)
    old = Credentials.generate().model_dump(exclude={"token_secret", "viewer_password"})
    home.credentials.write_text(json.dumps(old))
    complete = credentials(home)
    assert complete.model_dump().items() >= old.items()
    assert complete.token_secret
    assert credentials(home) == complete


def test_two_stacks_share_no_secret() -> None:
    one, two = Credentials.generate().model_dump(), Credentials.generate().model_dump()
    assert not set(one.values()) & set(two.values())


def test_the_jwt_secret_is_long_enough_for_hs512() -> None:
    assert len(Credentials.generate().jwt_secret.encode()) >= 64


def test_credentials_do_not_show_themselves() -> None:
    fresh = Credentials.generate()
    shown = f"{fresh} {fresh!r}"
    assert not [secret for secret in fresh.model_dump().values() if secret in shown]


def test_damaged_credentials_are_named_and_not_replaced(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.credentials.write_text('{"fernet_key": "half')
    with pytest.raises(ConfigurationError, match=r"credentials\.json is damaged"):
        credentials(home)
    assert home.credentials.read_text() == '{"fernet_key": "half'
