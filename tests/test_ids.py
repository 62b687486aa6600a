"""The ids of the tests, which pytest hands to every program that a test starts (PYTEST_CURRENT_TEST)."""

import pytest

# Linux takes 128 KiB for one variable (MAX_ARG_STRLEN); pytest writes a byte as up to four characters.
_LONGEST = 4_000


def test_the_id_of_no_test_keeps_a_program_from_starting(request: pytest.FixtureRequest) -> None:
    long = [item.nodeid[:100] for item in request.session.items if len(item.nodeid) > _LONGEST]
    assert long == []
