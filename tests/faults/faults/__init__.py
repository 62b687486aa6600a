"""What can be broken: programs, Airflow's parts, the database, the bucket, rows and runs, a module each."""

from collections.abc import Callable
from random import Random

from tests.faults.faults import airflow_parts, bucket, machine, postgres, programs, publishing, rows, runs
from tests.faults.scene import Scene

Fault = Callable[[Scene, Random], str | None]
"""Breaks something; returns in words what it was, once that is over. None if there was nothing to break."""

FAULTS: dict[str, Fault] = {
    "FFmpeg killed": programs.kill_ffmpeg,
    "FFmpeg stopped": programs.stop_ffmpeg,
    "FFmpeg slow": programs.slow_ffmpeg,
    "FFmpeg out of memory": programs.starve_ffmpeg,
    "task killed": programs.kill_task,
    "task killed in publish": publishing.kill,
    "task stopped in publish": publishing.stop,
    "worker killed": programs.kill_worker,
    "task stopped": programs.stop_task,
    "worker stopped": programs.stop_worker,
    "scheduler killed": airflow_parts.killed("scheduler"),
    "dag-processor killed": airflow_parts.killed("dag-processor"),
    "API server killed": airflow_parts.killed("api-server"),
    "triggerer killed": airflow_parts.killed("triggerer"),
    "scheduler stopped": airflow_parts.stopped("scheduler"),
    "dag-processor stopped": airflow_parts.stopped("dag-processor"),
    "API server stopped": airflow_parts.stopped("api-server"),
    "triggerer stopped": airflow_parts.stopped("triggerer"),
    "scheduler restarted": airflow_parts.restarted("scheduler"),
    "dag-processor restarted": airflow_parts.restarted("dag-processor"),
    "API server restarted": airflow_parts.restarted("api-server"),
    "triggerer restarted": airflow_parts.restarted("triggerer"),
    "PostgreSQL connections cut": postgres.cut_connections,
    "PostgreSQL stopped": postgres.stop,
    "PostgreSQL crashed": postgres.crash,
    "PostgreSQL read-only": postgres.read_only,
    "PostgreSQL's disk full": postgres.fill_disk,
    "bucket killed": airflow_parts.killed("object-store"),
    "bucket refusing": bucket.misbehaving("refuses"),
    "bucket 500": bucket.misbehaving("500"),
    "bucket 503 SlowDown": bucket.misbehaving("503 SlowDown"),
    "bucket 429": bucket.misbehaving("429"),
    "bucket resets in mid-body": bucket.misbehaving("resets in mid-body"),
    "bucket slow": bucket.misbehaving("slow"),
    "bucket loses its answers": bucket.misbehaving("loses its answers"),
    "bucket gives wrong bytes": bucket.misbehaving("gives wrong bytes"),
    "bucket's lists lag": bucket.misbehaving("lists lag"),
    "disk full": machine.fill_disk,
    "power cut": machine.cut_power,
    "clock jumps": machine.jump_clock,
    "row deleted": rows.delete,
    "source replaced": rows.replace,
    "table locked": rows.lock_table,
    "table altered": rows.alter_table,
    "the same title ten times": runs.ten_at_once,
    "two nights": runs.two_nights,
    "run marked failed": runs.mark_failed,
    "run marked and deleted": runs.mark_and_delete,
    "run cleared": runs.clear,
}
"""Every kind, by the words in which it is told."""

KEEP_CLAIMS = frozenset(kind for kind in FAULTS if kind.startswith(("FFmpeg", "bucket", "table"))) | {
    "dag-processor killed",
    "dag-processor stopped",
    "dag-processor restarted",
    "triggerer killed",
    "triggerer stopped",
    "triggerer restarted",
    "source replaced",
    "the same title ten times",
    "two nights",
}
"""By which no run may lose its title: neither its tasks nor the catalog are stopped."""
