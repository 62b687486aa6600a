"""What tasks keep of their progress is read as it was written, and nothing else is taken for it."""

from typing import Any

import pytest

from nightreel.runs.progress import EncodeProgress, NightProgress


@pytest.mark.parametrize(
    "kept", [EncodeProgress(percent=41.5, speed=1.8, eta_seconds=12), NightProgress(waiting=37)]
)
def test_what_was_kept_is_read_as_it_was(kept: Any) -> None:
    assert type(kept).read(kept.model_dump()) == kept


@pytest.mark.parametrize("kept", [None, [], {}, {"waiting": "many"}, {"percent": 400}])
def test_nothing_is_read_where_nothing_or_something_else_was_kept(kept: Any) -> None:
    assert NightProgress.read(kept) is None
    assert EncodeProgress.read(kept) is None
