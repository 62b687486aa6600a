"""Where `make compose-test` can have no Docker Engine, it says why and what helps."""

import os

import pytest

from tests.compose.engine import what_is_missing


def test_without_its_programs_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    assert what_is_missing() == "no Docker Engine here; on Debian: apt install debootstrap docker.io iptables"


def test_whoever_is_not_root_is_told_that_root_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert what_is_missing() == "a Docker Engine of the test's own needs root"
