"""What is kept of a track says exactly what was measured, wherever and whenever it is read."""

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightreel.checks.facts.kept import from_json, to_json
from nightreel.checks.facts.track import TrackFacts
from tests.checks.material import Material
from tests.checks.tracks import KINDS, measured_tracks


@pytest.mark.parametrize("kind", KINDS)
def test_facts_survive_as_json(kind: str, request: pytest.FixtureRequest) -> None:
    facts = measured_tracks(request.getfixturevalue(kind))

    assert [from_json(to_json(track)) for track in facts] == facts


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.from_type(TrackFacts))
def test_whatever_is_measured_survives(facts: TrackFacts) -> None:
    # As text, in which also a number that is none equals itself.
    assert repr(from_json(to_json(facts))) == repr(facts)


def test_a_fact_that_is_not_known_is_not_passed_over(undamaged: Material) -> None:
    kept = json.loads(to_json(measured_tracks(undamaged)[0]))
    kept["facts"]["rendition"]["segments"][0]["colour"] = "green"

    with pytest.raises(ValueError, match="colour"):
        from_json(json.dumps(kept))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1}', "\0"])
def test_what_is_no_facts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_json(text)


def test_facts_of_another_version_are_refused(undamaged: Material) -> None:
    kept = json.loads(to_json(measured_tracks(undamaged)[0])) | {"version": 0}

    with pytest.raises(ValueError, match="version"):
        from_json(json.dumps(kept))


def test_facts_are_small_beside_what_they_tell_of(undamaged: Material) -> None:
    for track in measured_tracks(undamaged):
        text = to_json(track)
        segments = len(track.rendition.segments)
        assert len(text) < 2000 * segments
        assert len(gzip.compress(text.encode())) < 700 * segments
