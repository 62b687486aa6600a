"""What the settings say of encryption: the secret of the keys, and what players are told."""

import uuid

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from nightreel.encryption import KeyRing, UnknownSecret, protection_for
from nightreel.settings import load_settings
from nightreel.vocabulary.protection import ContentKey

FIRST, SECOND = Fernet.generate_key().decode(), Fernet.generate_key().decode()
KEY = ContentKey(uuid.UUID("6f2c1a52-7a33-4c0e-9f0d-0d5f6f6f0001"), b"k" * 16, b"i" * 16)


def ring(*secrets: str) -> KeyRing:
    return KeyRing.of(SecretStr(", ".join(secrets)))


@given(st.binary(max_size=64))
def test_what_is_encrypted_is_decrypted_by_every_ring_that_has_the_secret(content: bytes) -> None:
    token = ring(FIRST).encrypt(content)
    assert ring(FIRST).decrypt(token) == ring(SECOND, FIRST).decrypt(token) == content


def test_a_ring_without_the_secret_says_what_to_do() -> None:
    token = ring(FIRST).encrypt(b"key")
    for attempt in (ring(SECOND).decrypt, ring(SECOND).rotate):
        with pytest.raises(UnknownSecret, match="add the secret that it was encrypted with, after a comma"):
            attempt(token)


def test_a_rotated_token_needs_the_first_secret_alone() -> None:
    token = ring(SECOND, FIRST).rotate(ring(FIRST).encrypt(b"key"))
    assert ring(SECOND).decrypt(token) == b"key"
    with pytest.raises(UnknownSecret):
        ring(FIRST).decrypt(token)


def test_players_are_told_where_they_get_this_key() -> None:
    options = load_settings(
        _env_file=None,
        key_uri="https://api.example.com/keys/{key_id}?v=1",
        clearkey_license_url="https://api.example.com/license",
        protection_systems=("widevine", "fairplay"),
        fairplay_key_uri="skd://{key_id}",
    )
    told = protection_for(KEY, options)
    assert told.key is KEY
    assert told.key_uri == f"https://api.example.com/keys/{KEY.key_id}?v=1"
    assert told.license_url == "https://api.example.com/license"
    assert told.systems == ("widevine", "fairplay")
    assert told.fairplay_uri == f"skd://{KEY.key_id}"
