"""What is logged of names is one line, and reads as what it is."""

import logging

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nightreel.logs import keep_lines_whole

FORGED = "Metropolis\n2026-01-01 00:00:00 ERROR forged\r\x1b[2J\u202e%s"


def test_a_name_forges_no_line_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("nightreel.orchestration.somewhere").warning("claimed %s", FORGED)
    assert caplog.messages == [r"claimed Metropolis\n2026-01-01 00:00:00 ERROR forged\r\x1b[2J\u202e%s"]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_whatever_a_name_is_a_message_is_one_line(caplog: pytest.LogCaptureFixture, name: str) -> None:
    caplog.clear()
    logging.getLogger("nightreel").warning("%s", name)
    assert len(caplog.messages[0].splitlines()) <= 1


def test_the_messages_of_others_are_theirs(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("nightreels").warning("two\nlines")
    assert caplog.messages == ["two\nlines"]


def test_being_asked_again_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    keep_lines_whole()
    logging.getLogger("nightreel.somewhere").warning("a\nb")
    assert caplog.messages == [r"a\nb"]


def test_a_message_whose_arguments_do_not_fit_stops_nobodys_work() -> None:
    record = logging.getLogRecordFactory()("nightreel", logging.INFO, "", 0, "%d", ("a",), None)
    assert record.args == ("a",)
