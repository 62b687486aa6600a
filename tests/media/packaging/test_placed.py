"""What the packager made, laid out as in the bucket: the stable manifests lead to all of it."""

from pathlib import Path

from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import TextRendition
from nightreel.releases.publish import stable_texts
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseManifest
from tests.faults.following import follow_dash, follow_hls
from tests.laid_out import lay_out
from tests.media.packaged import packaged, picture, small_plan, sound

BUCKET = "https://media.example.com/"
PLAN = small_plan(
    video=(picture("54p", 54), picture("108p", 108), picture("hevc_108p", 108, "hevc")),
    audio=(sound("audio_en", "en", 1, "English"), sound("audio_en_51", "en", 1, "English", channels=6)),
    text=(TextRendition(name="subs_en", label="English", language="en", stream=4),),
)


def test_the_stable_manifests_lead_to_every_file_in_its_track(tmp_path: Path, binaries: Binaries) -> None:
    release = packaged(PLAN, tmp_path, binaries)
    facts = ReleaseManifest(
        release="20261121T010000-0a1b2c3d",
        content_type="movie",
        content_id="7",
        files=(),
        plan={},
        tools={},
        checks={},
    )
    manifest = lay_out(facts, release.directory, tmp_path / "manifests")
    texts = stable_texts(manifest, tmp_path / "manifests")
    names = {f"{BUCKET}{manifest.key_of(file.name)}": file.name for file in manifest.files}
    above = f"{BUCKET}{title_prefix(manifest.title)}"

    hls = follow_hls(above + MASTER, texts[MASTER], lambda url: release.text(names[url]))
    dash = follow_dash(above + MPD, texts[MPD])

    assert hls.files | dash.files == {url for url, name in names.items() if name not in (MASTER, MPD)}
    shared = {url for url, name in names.items() if name.endswith((".mp4", ".m4s"))}
    assert hls.segments & dash.segments == shared
