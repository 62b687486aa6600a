"""The processor time of a process, as the kernel counts it."""

from os import sysconf
from pathlib import Path


def cpu_seconds(stat: Path, group: int) -> float:
    """The CPU seconds of one process and of its children that it waited for, if it belongs to this group.

    `stat` is its file in /proc (proc_pid_stat(5)), which is there until the process is reaped. In steps of
    10 ms; 0 where it cannot be read.
    """
    try:
        # The name before it, in brackets, may contain anything.
        fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        belongs = int(fields[2]) == group
        return sum(map(int, fields[11:15])) / sysconf("SC_CLK_TCK") if belongs else 0.0
    except (OSError, ValueError, IndexError):
        return 0.0
