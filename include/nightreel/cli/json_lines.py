"""Progress for programs: one JSON object per line (JSON Lines), whenever something changes."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from nightreel.cli.progress import RunProgress, TitleProgress


class ProgressJson:
    """Writes a line when something differs from the last look, apart from the time."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._said: dict[str, Any] = {}

    def show(self, run: RunProgress) -> None:
        """Writes a line when something has changed."""
        now = _run(run)
        if now != self._said:
            self._said = now
            self._write(json.dumps(now, ensure_ascii=False))


def _run(run: RunProgress) -> dict[str, Any]:
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "state": run.state,
        "step": run.step,
        "titles_waiting": run.waiting,
        "titles": [_title(title) for title in run.titles],
    }


def _title(title: TitleProgress) -> dict[str, Any]:
    verdict = title.verdict
    return {
        "content_type": title.title.content_type,
        "content_id": title.title.content_id,
        "title": title.name,
        "run_id": title.run_id,
        "step": title.step,
        "renditions": [asdict(each) for each in title.renditions],
        "ended": title.ended,
        "state": verdict.state if verdict else None,
        "complete": verdict.complete if verdict else None,
        "reason": verdict.reason if verdict else None,
    }
