"""When titles began to play, and when they were complete."""

from datetime import UTC, datetime, timedelta

from nightreel.catalog import TitleAttempt
from nightreel.cli.milestones import milestones

_BEGAN = datetime(2026, 1, 1, 1, tzinfo=UTC)


def attempt(
    begins: int, ends: int | None, outcome: str | None, *, complete: bool | None = None
) -> TitleAttempt:
    return TitleAttempt(
        release="20260101T010000-00000000",
        started_at=_BEGAN + timedelta(seconds=begins),
        ended_at=None if ends is None else _BEGAN + timedelta(seconds=ends),
        outcome=outcome,
        reason_code=None,
        reason=None,
        duration_seconds=None,
        processing_seconds=None,
        complete=complete,
        run_id="night",
        reserved=False,
        timings={},
    )


def test_times_are_told_from_the_first_claim_of_any_of_them() -> None:
    attempts = {
        "Bunny": [
            attempt(20, 95, "published", complete=True),
            attempt(0, 14, "published", complete=False),
        ],
        "Small": [attempt(15, 27, "published", complete=True)],
        "Long": [attempt(30, None, None), attempt(28, 40, "published", complete=False)],
        "Broken": [attempt(2, 3, "quarantined")],
    }
    assert list(milestones(attempts)) == [
        "Bunny played after 0:14, complete after 1:35",
        "Small played after 0:27, complete at once",
        "Long played after 0:40; its other renditions follow",
    ]


def test_nothing_is_told_where_nothing_was_tried() -> None:
    assert list(milestones({"Bunny": []})) == []
