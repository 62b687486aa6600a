"""Children are real: small Python programs, and FFmpeg where its own output matters."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.programs import process
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.programs.limits import Limits
from nightreel.media.programs.process import Progress
from nightreel.media.programs.sandbox import Sandbox
from nightreel.places import PROJECT_ROOT


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_program_that_ends_well_gives_what_it_said_on_stderr() -> None:
    assert (
        process.run(python("import sys; print('a warning', file=sys.stderr)"), timeout_seconds=60)
        == "a warning"
    )


def test_an_exit_code_is_an_error_with_the_end_of_stderr() -> None:
    program = "import sys\nfor n in range(100): print('line', n, file=sys.stderr)\nsys.exit(3)"
    with pytest.raises(EncoderFailed) as caught:
        process.run(python(program), timeout_seconds=60)
    message = str(caught.value)
    assert "exit code 3" in message
    assert message.endswith("line 99")
    assert "line 70" in message
    assert "line 69" not in message


def test_a_signal_is_an_error_that_names_it() -> None:
    with pytest.raises(EncoderFailed, match="killed by signal 9"):
        process.run(python("import os; os.kill(os.getpid(), 9)"), timeout_seconds=60)


def test_the_error_names_the_program_without_its_folder() -> None:
    with pytest.raises(EncoderFailed) as caught:
        process.run(python("raise SystemExit(1)"), timeout_seconds=60)
    assert str(caught.value).startswith(Path(sys.executable).name)


def test_a_program_that_does_not_exist_is_an_error_that_names_it() -> None:
    with pytest.raises(EncoderFailed, match="no-such-encoder"):
        process.run(["/nowhere/no-such-encoder"], timeout_seconds=60)


def test_past_the_limit_the_program_is_ended_and_the_error_says_so(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    with pytest.raises(EncoderFailed, match="longer than 2 s"):
        process.run(python(program), timeout_seconds=2, sandbox=Sandbox(writes=(tmp_path,)))
    assert not psutil.pid_exists(int(mark.read_text()))


def test_output_that_is_no_text_does_no_harm() -> None:
    program = "import os\nos.write(2, b'\\xff\\xfe broken')\nos.write(1, b'\\xff=\\xff\\nprogress=end\\n')"
    seen: list[Progress] = []
    assert "broken" in process.run(python(program), timeout_seconds=60, on_progress=seen.append)
    assert len(seen) == 1


def test_much_output_on_both_pipes_does_not_block_the_program() -> None:
    program = "import sys\nfor n in range(20000):\n print('x' * 60)\n print('y' * 60, file=sys.stderr)\n"
    assert process.run(python(program), timeout_seconds=60).count("\n") == process.STDERR_LINES - 1


def test_progress_is_what_the_blocks_say() -> None:
    block = "frame=1\\nout_time_us=1500000\\nspeed=2.5x\\nprogress=continue\\n"
    start = "out_time_us=N/A\\nspeed=N/A\\nprogress=continue\\n"
    end = "out_time_us=-20\\nspeed=   3x\\nprogress=end\\n"
    seen: list[Progress] = []
    process.run(python(f"print('{start}{block}{end}', end='')"), timeout_seconds=60, on_progress=seen.append)
    assert seen == [Progress(0.0, 0.0), Progress(1.5, 2.5), Progress(0.0, 3.0)]


def test_progress_in_percent_and_time_left() -> None:
    half = Progress(seconds=30, speed=2.0)
    assert half.percent(60) == 50
    assert half.remaining_seconds(60) == 15
    assert Progress(seconds=61, speed=2.0).percent(60) == 100
    assert Progress(seconds=61, speed=2.0).remaining_seconds(60) == 0
    assert Progress(seconds=1, speed=0.0).remaining_seconds(60) is None
    assert Progress(seconds=0, speed=0.0).percent(0) == 100


def test_an_exception_of_the_listener_ends_the_program(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = (
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\n"
        "print('progress=continue', flush=True)\ntime.sleep(600)"
    )

    def lost(_progress: Progress) -> None:
        raise RuntimeError("the claim is lost")

    with pytest.raises(RuntimeError, match="the claim is lost"):
        process.run(
            python(program), timeout_seconds=60, sandbox=Sandbox(writes=(tmp_path,)), on_progress=lost
        )
    assert not psutil.pid_exists(int(mark.read_text()))


def test_what_a_program_started_ends_with_it() -> None:
    wrapper = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
    )
    (line,) = process.lines(python(wrapper), timeout_seconds=60, stderr=deque())
    _until(lambda: _is_over(int(line)))


def test_a_reader_that_stops_early_ends_what_a_wrapper_started() -> None:
    wrapper = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "child.wait()"
    )
    lines = process.lines(python(wrapper), timeout_seconds=60, stderr=deque())
    pid = int(next(lines))
    lines.close()  # type: ignore[attr-defined]
    _until(lambda: _is_over(pid))


def test_the_program_dies_with_a_parent_that_is_killed_outright(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = (
        f"import os, time; open({str(mark)!r} + '.new', 'w').write(str(os.getpid())); "
        f"os.rename({str(mark)!r} + '.new', {str(mark)!r}); time.sleep(600)"
    )
    parent = subprocess.Popen(
        python(
            f"import sys\nfrom pathlib import Path\nfrom nightreel.media.programs import process\n"
            f"from nightreel.media.programs.sandbox import Sandbox\n"
            f"sandbox = Sandbox(writes=(Path({str(tmp_path)!r}),))\n"
            f"process.run([sys.executable, '-c', {child!r}], timeout_seconds=600, sandbox=sandbox)"
        ),
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "include")},
    )
    try:
        _until(mark.exists)
        running = psutil.Process(int(mark.read_text()))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    _until(lambda: not running.is_running() or running.status() == psutil.STATUS_ZOMBIE)


def test_a_program_whose_parent_was_killed_before_it_asked_to_die_with_it_never_begins(
    tmp_path: Path,
) -> None:
    """The real setpriv is held until the parent is gone."""
    slow, pid_file, go_on = tmp_path / "setpriv", tmp_path / "pid", tmp_path / "go on"
    slow.write_text(
        f'#!/bin/sh\necho $$ > {pid_file}\nwhile [ ! -e "{go_on}" ]; do sleep 0.05; done\n'
        f'exec {shutil.which("setpriv")} "$@"\n'
    )
    slow.chmod(0o755)
    program = tmp_path / "sleep"
    program.symlink_to("/bin/sleep")
    parent = subprocess.Popen(
        python(
            f"import os\nfrom pathlib import Path\nfrom nightreel.media.programs.launch import Launched\n"
            f"from nightreel.media.programs.sandbox import Sandbox\n"
            f"sandbox = Sandbox(writes=(Path({str(tmp_path)!r}),))\n"
            f"Launched([{str(program)!r}, '600'], sandbox=sandbox, environment=os.environ).reap()"
        ),
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT / "include"),
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        },
    )
    try:
        _until(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        go_on.touch()
    _until(lambda: _is_over(int(pid_file.read_text())))


def test_lines_come_one_by_one_and_stderr_is_kept() -> None:
    said: deque[str] = deque()
    program = "import sys\nprint('a'); print('b'); print('oops', file=sys.stderr); sys.exit(1)"
    assert list(process.lines(python(program), timeout_seconds=60, stderr=said)) == ["a", "b"]
    assert list(said) == ["oops"]


def test_lines_past_the_limit_are_an_error() -> None:
    program = "import time\nprint('a', flush=True)\ntime.sleep(600)"
    with pytest.raises(EncoderFailed, match="longer than 2 s"):
        list(process.lines(python(program), timeout_seconds=2, stderr=deque()))


def test_a_reader_that_stops_early_ends_the_program() -> None:
    program = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)"
    lines = process.lines(python(program), timeout_seconds=60, stderr=deque())
    pid = int(next(lines))
    lines.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pid)


def test_a_program_may_not_take_more_memory_than_it_is_given() -> None:
    wait = "import resource, time\nwhile resource.getrlimit(resource.RLIMIT_AS)[1] < 0: time.sleep(0.01)\n"
    with pytest.raises(EncoderFailed, match="NIGHTREEL_CHILD_MEMORY_BYTES") as caught:
        process.run(python(wait + "bytearray(1 << 30)"), timeout_seconds=60, memory_bytes=1 << 29)
    assert str(1 << 29) in str(caught.value)
    process.run(python("bytearray(1 << 30)"), timeout_seconds=60, memory_bytes=0)


def test_a_decoder_that_runs_out_of_memory_says_so() -> None:
    command = [find_binaries().ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=size=8000x8000:rate=1"]
    with pytest.raises(EncoderFailed, match="NIGHTREEL_CHILD_MEMORY_BYTES"):
        process.run([*command, "-frames:v", "2", "-f", "null", "-"], timeout_seconds=60, memory_bytes=1 << 28)


def test_a_program_leaves_no_dump_and_has_processor_time_for_its_time() -> None:
    program = (
        "import resource, time\n"
        "while resource.getrlimit(resource.RLIMIT_CORE)[1]: time.sleep(0.01)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    )
    (seconds,) = process.lines(python(program), timeout_seconds=60, stderr=deque())
    assert int(seconds) == 60 * (os.cpu_count() or 1) + 60


def test_a_program_that_uses_up_its_processor_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    meagre = Limits(memory_bytes=0, cpu_seconds=1)
    monkeypatch.setattr(Limits, "for_child", lambda *_: meagre)
    with pytest.raises(EncoderFailed, match="more than 1 s of CPU time"):
        process.run(python("while True: pass"), timeout_seconds=60)


def test_every_line_of_stderr_is_heard_but_no_warning_buries_a_failure() -> None:
    heard: list[str] = []
    program = (
        "import sys\nprint('[error] the cause', file=sys.stderr)\n"
        "for n in range(100): print('[h264] [warning] odd', file=sys.stderr)\nsys.exit(1)"
    )
    with pytest.raises(EncoderFailed, match=r"\[error\] the cause$"):
        process.run(python(program), timeout_seconds=60, on_stderr=heard.append)
    assert len(heard) == 101


def test_a_reader_learns_that_the_program_was_killed() -> None:
    lines = process.lines(
        python("import os\nprint(1, flush=True)\nos.kill(os.getpid(), 11)"),
        timeout_seconds=60,
        stderr=deque(),
    )
    with pytest.raises(EncoderFailed, match="killed by signal 11"):
        list(lines)


def _is_over(pid: int) -> bool:
    """Whether it has ended; nobody may have taken notice yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
