"""`.ci/run`: what it ends with, whatever `make` says."""

import os
import subprocess
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT

_PASSED = "================== 12 passed, 1 skipped in 3.45s =================="
_FAILED = "=============== 1 failed, 11 passed in 3.45s (0:01:02) ==============="


def _run(
    tmp_path: Path,
    *,
    lint: int = 0,
    compose: str = "exit 0",
    faults: str = "exit 0",
    test: int = 0,
    says: str = _PASSED,
    **variables: str,
) -> tuple[int, str]:
    """Runs it with a `make` of which the ends are known; returns its exit code and last line."""
    make = tmp_path / "make"
    make.write_text(
        "#!/bin/sh\n"
        f"if [ $1 = lint ]; then exit {lint}; fi\n"
        f"if [ $1 = compose-check ]; then {compose}; fi\n"
        f"if [ $1 = faults-check ]; then {faults}; fi\n"
        f"echo 'browser required: '$NIGHTREEL_REQUIRE_BROWSER\necho '{says}'\n"
        f'if [ {test} != 0 ]; then echo "make: *** [test] Error {test}" >&2; fi\nexit {test}\n'
    )
    make.chmod(0o755)
    for name in ("chromium", "dockerd", "docker", "mmdebstrap", "iptables", "ip"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    done = subprocess.run(
        [PROJECT_ROOT / ".ci" / "run"],
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "COMPOSE_CHECK_SECONDS": "2",
            "FAULTS_SECONDS": "2",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "browser required: 1" in done.stdout
    return done.returncode, done.stdout.splitlines()[-1]


def test_it_ends_with_the_totals_of_the_tests(tmp_path: Path) -> None:
    assert _run(tmp_path) == (0, _PASSED)


def test_a_failed_test_is_a_failure_and_the_totals_still_come_last(tmp_path: Path) -> None:
    assert _run(tmp_path, test=2, says=_FAILED) == (2, _FAILED)


def test_a_failed_check_is_a_failure_and_the_tests_still_run(tmp_path: Path) -> None:
    assert _run(tmp_path, lint=2) == (2, _PASSED)


def test_a_compose_file_that_fails_is_a_failure_and_the_tests_still_run(tmp_path: Path) -> None:
    assert _run(tmp_path, compose="exit 2") == (2, _PASSED)


def test_a_compose_file_that_is_never_up_is_a_failure_and_the_tests_still_run(tmp_path: Path) -> None:
    assert _run(tmp_path, compose="sleep 600") == (124, _PASSED)


def test_faults_that_do_not_heal_are_a_failure_and_the_tests_still_run(tmp_path: Path) -> None:
    assert _run(tmp_path, faults="exit 1") == (1, _PASSED)


def test_faults_that_are_never_done_are_a_failure_and_the_tests_still_run(tmp_path: Path) -> None:
    assert _run(tmp_path, faults="sleep 600") == (124, _PASSED)


def test_where_the_tests_took_long_no_faults_are_tried(tmp_path: Path) -> None:
    assert _run(tmp_path, faults="exit 1", FAULTS_BEFORE_SECONDS="0") == (0, _PASSED)


@pytest.mark.parametrize("says", ["", "Segmentation fault"])
def test_tests_that_never_ran_are_said_to_have_no_totals(tmp_path: Path, says: str) -> None:
    assert _run(tmp_path, test=2, says=says) == (2, "pytest printed no totals")
