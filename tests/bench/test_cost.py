"""What a program that runs alone costs."""

import sys

from bench.cost import run_in_sequence
from nightreel.media.programs.sandbox import Sandbox

_BURN = "import time\nwhile time.process_time() < 0.2: pass"


def test_the_processor_time_of_all_commands_is_added_up() -> None:
    command = [sys.executable, "-c", _BURN]
    # Each ends only once it has used so much itself.
    assert run_in_sequence([command, command], Sandbox()).cpu_seconds >= 0.4


def test_the_processor_time_of_earlier_children_is_left_out() -> None:
    run_in_sequence([[sys.executable, "-c", _BURN]], Sandbox())
    assert run_in_sequence([], Sandbox()).cpu_seconds == 0
