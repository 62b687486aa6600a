"""Of which releases the gate's report is kept."""

import pytest

from nightreel.orchestration.conversion.report import reports_what_passes
from nightreel.runs.dags import NIGHT_PREFIX
from nightreel.settings import Settings


@pytest.mark.parametrize(
    ("which", "by_a_person", "by_a_night"),
    [("all", True, True), ("manual", True, False), ("refused", False, False)],
)
def test_what_passes_gets_a_report_where_the_setting_says_so(
    which: str, by_a_person: bool, by_a_night: bool
) -> None:
    asked = Settings.model_validate({"validation_reports": which}).validation_reports
    assert reports_what_passes(asked, "manual__1") is by_a_person
    assert reports_what_passes(asked, NIGHT_PREFIX + "1") is by_a_night
