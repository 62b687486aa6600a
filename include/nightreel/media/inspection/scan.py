"""Runs the programs that read all packets of a source: child processes that may see the source alone."""

import json
import sys
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import Any

import av

from nightreel.errors import EncoderFailed
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox

_TIMEOUT_SECONDS = 300.0
_TIMEOUT_FACTOR = 1.0


def scanned(program: ModuleType, request: dict[str, Any], path: Path, duration: float) -> Any:
    """What a program found: its one line of JSON. `duration` of the source in seconds.

    Raises EncoderFailed when it crashed or took too long.
    """
    place = Path(str(program.__file__))
    # The program's folder must not come first on the module search path.
    command = [sys.executable, "-P", str(place), json.dumps(request)]
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    seconds = _TIMEOUT_SECONDS + _TIMEOUT_FACTOR * duration
    sandbox = Sandbox(reads=(path, place, Path(av.__file__).parents[1]))
    for line in process.lines(command, timeout_seconds=seconds, sandbox=sandbox, stderr=said):
        return json.loads(line)
    raise EncoderFailed(f"{place.stem} of the source ended early; it said: {' '.join(said)}")
