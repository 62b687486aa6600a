"""What a retry may cure, and what it cannot."""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from nightreel.settings import Settings

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="nightreel.errors.Rejected",
            action=RetryAction.FAIL,
            reason="the source or the release was refused: a retry would give the same verdict",
        ),
        RetryRule(
            exception="nightreel.errors.Permanent",
            action=RetryAction.FAIL,
            reason="the setup or the request is wrong: somebody has to change it",
        ),
    ]
)

_MORE_TRIES = 2
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=1)


def retry_arguments(settings: Settings) -> dict[str, Any]:
    """Default arguments for a DAG's tasks: exponential backoff, and the policy above."""
    return {
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_delay_seconds),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(seconds=settings.max_retry_delay_seconds),
        "retry_policy": RETRY_POLICY,
    }


def notify_arguments(settings: Settings) -> dict[str, Any]:
    """More tries than other tasks have, but with short pauses, because the run holds its slot meanwhile.

    Housekeeping delivers the rest: it tries every hour.
    """
    usual = retry_arguments(settings)
    return {
        **usual,
        "retries": usual["retries"] + _MORE_TRIES,
        "retry_delay": min(usual["retry_delay"], _FIRST_PAUSE),
        "max_retry_delay": min(usual["max_retry_delay"], _LONGEST_PAUSE),
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": None,
    }
