"""A release without subtitles, shorter than a segment."""

from pathlib import Path

from nightreel.media.programs.binaries import Binaries
from tests.media.packaged import packaged, small_plan


def test_a_title_without_subtitles_names_no_group_of_them(binaries: Binaries, tmp_path: Path) -> None:
    # Of one second, which is less than a segment.
    without = packaged(small_plan(frames=25), tmp_path, binaries)
    assert [item.type for item in without.playlist().media] == ["AUDIO"]
    assert {item.stream_info.subtitles for item in without.playlist().playlists} == {None}
    assert without.sets("text") == []
    assert {playlist.target_duration for playlist in without.media_playlists().values()} == {2}
    for variant in without.playlist().playlists:
        assert variant.stream_info.bandwidth >= variant.stream_info.average_bandwidth
