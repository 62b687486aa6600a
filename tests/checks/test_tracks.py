"""A release is measured by track and by set, on one machine or on several."""

import shutil
from pathlib import Path

import pytest

from nightreel.checks.facts.release import measure_release, measure_set
from nightreel.checks.facts.track import measure_track, planned_tracks
from nightreel.vocabulary.tracks import rendition_of
from tests.checks.material import Material
from tests.checks.tracks import KINDS, measured_tracks, without_tracks


@pytest.fixture(params=KINDS)
def material(request: pytest.FixtureRequest) -> Material:
    """A release of each kind. Not to be written to."""
    found: Material = request.getfixturevalue(request.param)
    return found


def test_a_track_measures_alone_as_it_does_among_others(material: Material, tmp_path: Path) -> None:
    for item, among_others in zip(planned_tracks(material.plan), measured_tracks(material), strict=True):
        alone = tmp_path / item.name
        alone.mkdir()
        for file in among_others.files:
            shutil.copy(material.directory / file.name, alone)

        assert measure_track(alone, material.plan, item, material.key) == among_others


def test_every_file_of_a_release_is_one_tracks_or_the_sets(material: Material, tmp_path: Path) -> None:
    by_tracks = [file.name for track in measured_tracks(material) for file in track.own_files]
    by_set = [path.name for path in without_tracks(material, tmp_path / "set").iterdir()]

    assert sorted([*by_tracks, *by_set]) == sorted(path.name for path in material.directory.iterdir())


def test_a_set_is_measured_without_the_files_of_its_tracks(material: Material, tmp_path: Path) -> None:
    left = without_tracks(material, tmp_path / "set")

    found = measure_set(left, material.plan, reversed(measured_tracks(material)))

    assert found == measure_release(material.directory, material.plan, material.key)


def test_a_track_without_facts_is_one_of_which_nothing_is_there(undamaged: Material, tmp_path: Path) -> None:
    tracks = [track for track in measured_tracks(undamaged) if track.name != "240p"]

    found = measure_set(undamaged.directory, undamaged.plan, tracks)

    assert [track.name for track in found.tracks] == ["240p", "360p", "audio_en"]
    assert not any(segment.exists for segment in found.rendition("240p").segments)
    missing = {file.name: file.named_by for file in found.files if not file.exists}
    assert missing["stream_240p.m3u8"] == missing["iframe_240p.m3u8"] == 1
    assert set(map(rendition_of, missing)) == {"240p"}


def test_the_files_of_a_track_that_was_not_planned_are_files_of_the_release(every_kind: Material) -> None:
    plan = every_kind.plan.model_copy(update={"text": every_kind.plan.text[:1]})

    found = measure_set(every_kind.directory, plan, measured_tracks(every_kind))

    assert [text.name for text in found.subtitles] == ["subs_en"]
    assert {file.name for file in found.files} == {path.name for path in every_kind.directory.iterdir()}


def test_a_file_that_only_another_track_has_is_missing(undamaged: Material, tmp_path: Path) -> None:
    alone = tmp_path / "360p"
    alone.mkdir()
    for path in undamaged.directory.glob("*_360p*"):
        shutil.copy(path, alone)
    playlist = alone / "stream_360p.m3u8"
    playlist.write_text(playlist.read_text().replace("stream_360p_init", "stream_240p_init"))
    track = measure_track(alone, undamaged.plan, undamaged.plan.video[1])

    found = measure_set(undamaged.directory, undamaged.plan, [*measured_tracks(undamaged), track])

    assert [file.name for file in found.files if not file.exists] == ["stream_240p_init.mp4"]


def test_facts_keep_the_size_of_every_file(material: Material) -> None:
    kept = {file.name: file.size for track in measured_tracks(material) for file in track.files}

    assert kept == {name: (material.directory / name).stat().st_size for name in kept}
