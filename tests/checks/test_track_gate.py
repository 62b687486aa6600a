"""A damaged track is refused by itself, before its upload and before Great Expectations is imported."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nightreel.checks.expectations import suites_of_release, suites_of_track
from nightreel.checks.facts.kept import from_json, to_json
from nightreel.checks.facts.release import measure_release
from nightreel.checks.facts.track import absent_track, measure_track, planned_tracks
from nightreel.checks.gate import KeyNotGiven, TrackResult, judge_track, raise_if_refused
from nightreel.checks.judge import judge
from nightreel.checks.plain_judge import judge_plainly
from nightreel.errors import ReleaseRejected
from nightreel.vocabulary.tracks import rendition_of
from tests.checks import damages, damages_ts
from tests.checks.damages_encryption import ENCRYPTION_DAMAGES
from tests.checks.damages_kinds import CODEC_DAMAGES, SOUND_DAMAGES, SUBTITLE_DAMAGES
from tests.checks.damages_stills import STILL_DAMAGES
from tests.checks.damaging import Damage
from tests.checks.material import Material
from tests.checks.reencodings import REENCODINGS, Reencoding, reencode
from tests.checks.tracks import KINDS, measured_tracks

DAMAGES = [
    *(("undamaged", damage) for damage in (*damages.DAMAGES, *STILL_DAMAGES)),
    *(("every_kind", damage) for damage in (*SOUND_DAMAGES, *SUBTITLE_DAMAGES, *CODEC_DAMAGES)),
    *(("encrypted", damage) for damage in ENCRYPTION_DAMAGES),
    *(("transport_stream", damage) for damage in damages_ts.DAMAGES),
]
ONLY_IN_A_MANIFEST = {"sound that ends early": {"file-exists"}}
"""Rules by which a track could be refused, met here by its own files: the MPD names one that is gone."""


def results(material: Material) -> dict[str, TrackResult]:
    """Judged from what was kept, as on another machine."""
    kept = [from_json(to_json(track)) for track in measured_tracks(material)]
    return {track.name: judge_track(track, material.plan, material.source, material.key) for track in kept}


def refusing(found: Mapping[str, TrackResult]) -> dict[str, set[str]]:
    """The rules that refuse a track, by its name."""
    rules = {name: {failure.rule for failure in result.failures} for name, result in found.items()}
    return {name: refused for name, refused in rules.items() if refused}


def rules_of_tracks(material: Material) -> set[str]:
    tracks = [absent_track(material.plan, item) for item in planned_tracks(material.plan)]
    suites = (
        suite
        for track in tracks
        for suite in suites_of_track(track, material.plan, material.source, material.key)
    )
    return {rule.name for suite in suites for rule in suite.rules}


def damaged_tracks(material: Material, sound: Material) -> set[str]:
    """The tracks with a file that is not as it was."""

    def content(directory: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in directory.iterdir()}

    changed = {name for name, _ in content(material.directory).items() ^ content(sound.directory).items()}
    planned = {item.name for item in planned_tracks(material.plan)}
    return {rendition_of(name) or "" for name in changed} & planned


@pytest.fixture
def no_great_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing it fails."""
    monkeypatch.setitem(sys.modules, "great_expectations", None)


@pytest.mark.usefixtures("no_great_expectations")
@pytest.mark.parametrize("kind", KINDS)
def test_an_undamaged_track_passes(kind: str, request: pytest.FixtureRequest) -> None:
    material: Material = request.getfixturevalue(kind)

    assert [str(failure) for result in results(material).values() for failure in result.failures] == []


@pytest.mark.usefixtures("no_great_expectations")
@pytest.mark.parametrize(
    ("kind", "damage"), [pytest.param(kind, damage, id=f"{kind}: {damage.name}") for kind, damage in DAMAGES]
)
def test_what_is_wrong_with_a_track_is_refused_with_it_and_nothing_else(
    kind: str, damage: Damage, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    sound: Material = request.getfixturevalue(kind)
    material = sound.copy(tmp_path / "release")
    damage.apply(material.directory)

    refused = refusing(results(material))

    expected = set(damage.rules) & rules_of_tracks(material) - ONLY_IN_A_MANIFEST.get(damage.name, set())
    tracks = damaged_tracks(material, sound)
    assert set(refused) == tracks
    assert not tracks or expected <= set().union(*refused.values())


@pytest.mark.usefixtures("no_great_expectations")
@pytest.mark.parametrize("damage", REENCODINGS, ids=lambda damage: damage.name)
def test_a_track_is_refused_that_was_encoded_with(
    damage: Reencoding, undamaged: Material, tmp_path: Path
) -> None:
    material = reencode(undamaged, damage, tmp_path)
    expected = set(damage.rules) & rules_of_tracks(material)

    refused = refusing(results(material))

    assert expected <= refused.get(damage.rendition, set())
    assert set(refused) <= {damage.rendition}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["whole", "missing"])
def test_both_judges_say_the_same_of_a_release(
    kind: str, state: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    material: Material = request.getfixturevalue(kind)
    directory = material.directory if state == "whole" else tmp_path
    facts = measure_release(directory, material.plan, material.key)
    suites = suites_of_release(facts, material.plan, material.source, 0, material.key)

    assert judge_plainly(suites) == judge(suites)


def test_a_track_is_refused_in_the_words_in_which_its_release_is(copied: Material) -> None:
    (copied.directory / "stream_360p_001.m4s").unlink()
    found = results(copied)["360p"]

    with pytest.raises(ReleaseRejected, match=r"missing: stream_360p_001\.m4s") as refusal:
        raise_if_refused(found)

    assert refusal.value.code == "gate_refused"
    assert "report" not in refusal.value.sentence
    assert {str(failure) for failure in found.failures} < {
        str(failure) for failure in copied.judged().failures
    }


def test_an_encrypted_track_is_not_judged_without_its_key(encrypted: Material) -> None:
    track = absent_track(encrypted.plan, encrypted.plan.video[0])

    with pytest.raises(KeyNotGiven, match="content key"):
        judge_track(track, encrypted.plan, encrypted.source)


def test_a_picture_that_is_longer_than_the_source_is_refused(undamaged: Material) -> None:
    source = undamaged.source.model_copy(update={"duration": 13.9})
    track = measure_track(undamaged.directory, undamaged.plan, undamaged.plan.video[0])

    failures = judge_track(track, undamaged.plan, source).failures

    assert {failure.rule for failure in failures} == {"output-duration", "extinf-sum"}


def test_measuring_and_judging_a_track_imports_no_great_expectations(
    undamaged: Material, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text(undamaged.plan.model_dump_json())
    (tmp_path / "source.json").write_text(undamaged.source.model_dump_json())
    program = f"""
import sys
from pathlib import Path
from nightreel.checks.facts.track import measure_track
from nightreel.checks.gate import judge_track
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe

plan = Plan.model_validate_json(Path({str(tmp_path / "plan.json")!r}).read_text())
source = SourceProbe.model_validate_json(Path({str(tmp_path / "source.json")!r}).read_text())
facts = measure_track(Path({str(undamaged.directory)!r}), plan, plan.video[0])
print(judge_track(facts, plan, source).passed, {{"great_expectations", "pandas"}} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ran.stdout.strip(), ran.stderr) == ("True set()", "")
