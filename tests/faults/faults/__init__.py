"""What can be broken: programs, Airflow's parts, the database, the bucket, rows and runs, a module each."""

from collections.abc import Callable
from random import Random

from tests.faults.faults import airflow_parts, bucket, postgres, programs, rows, runs
from tests.faults.scene import Scene

Fault = Callable[[Scene, Random], str | None]
"""Breaks something; returns in words what it was, once that is over. None if there was nothing to break."""

FAULTS: dict[str, Fault] = {
    "FFmpeg killed": programs.kill_ffmpeg,
    "FFmpeg stopped": programs.stop_ffmpeg,
    "FFmpeg slow": programs.slow_ffmpeg,
    "task killed": programs.kill_task,
    "scheduler killed": airflow_parts.killed("scheduler"),
    "dag-processor killed": airflow_parts.killed("dag-processor"),
    "API server killed": airflow_parts.killed("api-server"),
    "triggerer killed": airflow_parts.killed("triggerer"),
    "scheduler stopped": airflow_parts.stopped("scheduler"),
    "API server stopped": airflow_parts.stopped("api-server"),
    "PostgreSQL connections cut": postgres.cut_connections,
    "PostgreSQL stopped": postgres.stop,
    "bucket refusing": bucket.misbehaving("refuses"),
    "bucket 500": bucket.misbehaving("500"),
    "bucket 503 SlowDown": bucket.misbehaving("503 SlowDown"),
    "bucket 429": bucket.misbehaving("429"),
    "bucket resets in mid-body": bucket.misbehaving("resets in mid-body"),
    "bucket slow": bucket.misbehaving("slow"),
    "row deleted": rows.delete,
    "source replaced": rows.replace,
    "the same title three times": runs.three_at_once,
    "run marked failed": runs.mark_failed,
    "run cleared": runs.clear,
}
"""Every kind, by the words in which it is told."""
