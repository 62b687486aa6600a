import re
from string import Formatter

import pytest

from nightreel.figures import timecode
from nightreel.media.inspection.refusals import Refusal


@pytest.mark.parametrize("refusal", Refusal)
def test_every_reason_has_a_code_for_filters_and_a_sentence_for_people(refusal: Refusal) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.value)
    assert refusal.sentence[0].isupper()
    assert refusal.sentence.endswith(".")


@pytest.mark.parametrize("refusal", Refusal)
def test_what_was_found_is_told_in_the_sentence(refusal: Refusal) -> None:
    names = {name for _, name, _, _ in Formatter().parse(refusal.sentence) if name}
    error = refusal.because(**{name: f"<{name}>" for name in names})
    assert error.code == refusal.value
    assert all(f"<{name}>" in error.sentence for name in names)


def test_no_code_stands_for_two_reasons() -> None:
    assert len(Refusal.__members__) == len(set(Refusal))


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00:00"), (59.6, "0:01:00"), (3723, "1:02:03"), (-1, "0:00:00")]
)
def test_times_are_shown_as_people_write_them(seconds: float, shown: str) -> None:
    assert timecode(seconds) == shown
