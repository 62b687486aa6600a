"""A set is judged by the facts of its tracks, wherever measured, beside its manifests and stills."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nightreel.checks.facts.files import FileFacts
from nightreel.checks.facts.kept import from_json, to_json
from nightreel.checks.facts.release import measure_set
from nightreel.checks.facts.track import TrackFacts, measure_track, planned_tracks
from nightreel.checks.gate import judge_facts
from nightreel.vocabulary.release import MASTER, MPD
from tests.checks.damaging import edited
from tests.checks.judging import facts_not_met
from tests.checks.material import Material
from tests.checks.reencodings import REENCODINGS, reencode
from tests.checks.tracks import KINDS, measured_tracks, without_tracks


@dataclass(frozen=True)
class Kept:
    """What a machine has that judges a set."""

    directory: Path
    tracks: dict[str, TrackFacts]


def kept(material: Material, folder: Path) -> Kept:
    facts = {track.name: from_json(to_json(track)) for track in measured_tracks(material)}
    return Kept(without_tracks(material, folder / "set"), facts)


def not_met(found: Kept, material: Material, rules: tuple[str, ...]) -> set[str]:
    facts = measure_set(found.directory, material.plan, found.tracks.values())
    return facts_not_met(facts, material, rules)


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_of_kept_facts_passes(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    material: Material = request.getfixturevalue(kind)
    found = kept(material, tmp_path)
    facts = measure_set(found.directory, material.plan, found.tracks.values())

    result = judge_facts(facts, material.plan, material.source, material.source.size_bytes, key=material.key)

    assert [str(failure) for failure in result.failures] == []


@pytest.mark.parametrize(
    ("reencoding", "rules"),
    [
        pytest.param(
            "keyframes elsewhere", ("same-boundaries", "segment-start", "mpd-start"), id="other boundaries"
        ),
        pytest.param("a picture of one second less", ("frame-count", "picture-end"), id="another length"),
        pytest.param("another picture", ("same-picture",), id="another picture"),
        pytest.param("sound of half a second more", ("audio-end",), id="a longer sound"),
    ],
)
def test_a_track_of_another_timeline_is_refused(
    reencoding: str, rules: tuple[str, ...], undamaged: Material, tmp_path: Path
) -> None:
    (other,) = (each for each in REENCODINGS if each.name == reencoding)
    elsewhere = reencode(undamaged, other, tmp_path)
    (item,) = (item for item in planned_tracks(undamaged.plan) if item.name == other.rendition)
    found = kept(undamaged, tmp_path)
    found.tracks[item.name] = measure_track(elsewhere.directory, undamaged.plan, item)

    assert not_met(found, undamaged, rules) == set(rules)


def test_a_track_that_has_no_facts_is_refused(undamaged: Material, tmp_path: Path) -> None:
    found = kept(undamaged, tmp_path)
    del found.tracks["240p"]
    rules = ("file-exists", "segment-exists", "playlist-readable", "init-readable", "bandwidth")

    assert not_met(found, undamaged, rules) == set(rules)


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        pytest.param(
            edited(MASTER, r"^stream_240p\.m3u8", "stream_144p.m3u8"),
            ("known-renditions", "named-once", "file-exists", "no-orphans"),
            id="multivariant playlist",
        ),
        pytest.param(
            edited(MPD, r"\bstream_240p", "stream_144p", 0),
            ("named-once", "file-exists", "mpd-start"),
            id="MPD",
        ),
        pytest.param(
            edited(MPD, r"_\$Number%03d\$\.m4s", "_$Number%04d$.m4s"),
            ("mpd-segments", "file-exists"),
            id="other segments",
        ),
    ],
)
def test_a_manifest_that_names_what_no_track_has_is_refused(
    damage: Callable[[Path], None], rules: tuple[str, ...], undamaged: Material, tmp_path: Path
) -> None:
    found = kept(undamaged, tmp_path)
    damage(found.directory)

    assert not_met(found, undamaged, rules) == set(rules)


def test_a_track_that_nothing_names_is_refused(every_kind: Material, tmp_path: Path) -> None:
    found = kept(every_kind, tmp_path)
    found.tracks["subs_nl"] = _renamed(found.tracks["subs_en"], "subs_en", "subs_nl")

    assert not_met(found, every_kind, ("no-orphans",)) == {"no-orphans"}


def _renamed(track: TrackFacts, old: str, new: str) -> TrackFacts:
    return from_json(to_json(track).replace(old, new))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param({"exists": False}, "file-exists", id="that is gone"),
        pytest.param({"size": 0}, "file-not-empty", id="that is empty"),
    ],
)
def test_a_track_with_a_file_is_refused(
    change: dict[str, int], rule: str, undamaged: Material, tmp_path: Path
) -> None:
    def changed(file: FileFacts) -> FileFacts:
        return replace(file, **change) if file.name == "stream_240p_001.m4s" else file

    found = kept(undamaged, tmp_path)
    track = found.tracks["240p"]
    found.tracks["240p"] = replace(track, files=tuple(map(changed, track.files)))

    assert not_met(found, undamaged, (rule,)) == {rule}
