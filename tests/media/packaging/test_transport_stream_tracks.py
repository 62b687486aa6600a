"""Which tracks the segments of the container `ts` hold, and which stand beside them."""

from pathlib import Path

from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import TextRendition
from tests.media.packaged import packaged, small_plan, sound
from tests.media.packaging.mpegts import Ticks, segments


def test_subtitles_are_mapped_to_the_clock_of_the_segments(binaries: Binaries, tmp_path: Path) -> None:
    text = TextRendition(name="subs_en", label="English", language="en", stream=2)
    plan = small_plan(text=(text,), frames=75).model_copy(update={"container": "ts"})
    made = packaged(plan, tmp_path, binaries)
    assert "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000" in made.text("subs_en_000.vtt")
    assert Ticks(segments(made, "stream_54p")[0], "video").shown[0] == 0
    assert made.playlist("subs_en.m3u8").target_duration == made.playlist("stream_54p.m3u8").target_duration
    assert {variant.stream_info.subtitles for variant in made.playlist().playlists} == {"subs"}
    assert not (made.directory / "subs_en.vtt").exists()


def test_a_title_without_sound_has_pictures_alone(binaries: Binaries, tmp_path: Path) -> None:
    plan = small_plan(audio=(), frames=25).model_copy(update={"container": "ts"})
    made = packaged(plan, tmp_path, binaries)
    assert Ticks(segments(made, "stream_54p")[0], "video").kinds == ["video"]
    master = made.playlist()
    assert master.media == []
    assert all(variant.stream_info.codecs.startswith("avc1.") for variant in master.playlists)
    assert all("," not in variant.stream_info.codecs for variant in master.playlists)


def test_without_a_default_the_first_sound_is_the_one_within(binaries: Binaries, tmp_path: Path) -> None:
    sounds = (sound("audio_de", "de", 2, "Deutsch"), sound("audio_en", "en", 3, "English"))
    plan = small_plan(audio=sounds, frames=25).model_copy(update={"container": "ts"})
    made = packaged(plan, tmp_path, binaries)
    assert [(item.uri, item.default) for item in made.playlist().media] == [
        (None, "YES"),
        ("audio_en.m3u8", "NO"),
    ]
