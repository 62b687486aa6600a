"""Releases small enough to upload in a moment."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightreel.catalog import Catalog, load_mapping
from nightreel.releases.publish import publish_manifests
from nightreel.releases.upload import Outgoing, UploadSummary, outgoing, upload_files
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import MASTER, MPD, POSTER
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import MAPPING, Database
from tests.checks.conftest import copied as copied
from tests.checks.conftest import undamaged as undamaged
from tests.fixtures_object_store import unasked
from tests.laid_out import lay_out

RELEASE = "20261121T010000-0a1b2c3d"
LATER = "20261122T010000-0a1b2c3d"
LATEST = "20261123T010000-0a1b2c3d"

MASTER_TEXT = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,URI="audio_en.m3u8",GROUP-ID="audio",LANGUAGE="en",NAME="a,URI=",DEFAULT=YES
#EXT-X-STREAM-INF:BANDWIDTH=928000,AVERAGE-BANDWIDTH=880000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"
stream_360p.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS="avc1.64001e",URI="iframe_360p.m3u8"
"""

MPD_TEXT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- é -->
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static">
  <Period id="0">
    <AdaptationSet id="0" contentType="video"><Representation id="0" bandwidth="928000">
      <SegmentTemplate initialization="stream_360p_init.mp4" media="stream_360p_$Number%03d$.m4s"/>
    </Representation></AdaptationSet>
    <AdaptationSet id="1" contentType="audio"><Label>é media="x"</Label><Representation id="1" bandwidth="1">
      <SegmentTemplate initialization="audio_en_init.mp4" media="audio_en_$Number%03d$.m4s"/>
    </Representation></AdaptationSet>
  </Period>
</MPD>
"""


@dataclass(frozen=True)
class Finished:
    """A finished release on this machine: its tracks in one flat folder, its manifests in another."""

    manifest: ReleaseManifest
    tracks: Path
    manifests: Path

    @property
    def files(self) -> list[Outgoing]:
        """All that is uploaded of it."""
        return outgoing(self.manifest, self.tracks, self.manifests)

    def upload(self, bucket: Bucket, threads: int = 4) -> UploadSummary:
        return upload_files(bucket, self.files, threads)

    def publish(self, bucket: Bucket) -> tuple[str, str | None]:
        return publish_manifests(bucket, self.manifest, self.manifests, unasked)


def finish(directory: Path, release: str = RELEASE) -> Finished:
    """The release of movie 7 that is made of a flat folder."""
    manifests = directory.with_name(f"{directory.name}-{release}")
    facts = ReleaseManifest(
        release=release, content_type="movie", content_id="7", files=(), plan={}, tools={}, checks={}
    )
    return Finished(lay_out(facts, directory, manifests), directory, manifests)


@pytest.fixture
def database(demo_dsn: str) -> Database:
    return Database(demo_dsn)


@pytest.fixture
def catalog(demo_dsn: str) -> Catalog:
    catalog = Catalog.from_dsn(demo_dsn, load_mapping(MAPPING))
    catalog.schema.migrate()
    return catalog


@pytest.fixture
def title() -> Title:
    return Title("movie", "7")


@pytest.fixture
def release_directory(tmp_path: Path) -> Path:
    """A release as it is packaged; the media are bytes that no player reads here."""
    directory = tmp_path / "release"
    directory.mkdir()
    for number in range(4):
        (directory / f"stream_360p_{number:03d}.m4s").write_bytes(bytes([number]) * (1000 + number))
    (directory / "audio_en_000.m4s").write_bytes(b"sound")
    for name in ("stream_360p_init.mp4", "audio_en_init.mp4"):
        (directory / name).write_bytes(b"init")
    for name in ("stream_360p.m3u8", "iframe_360p.m3u8", "audio_en.m3u8"):
        (directory / name).write_text("#EXTM3U\n")
    (directory / POSTER).write_bytes(b"poster")
    (directory / MASTER).write_text(MASTER_TEXT)
    (directory / MPD).write_text(MPD_TEXT, "utf-8")
    return directory


@pytest.fixture
def finished(release_directory: Path) -> Finished:
    return finish(release_directory)


@pytest.fixture
def hls_alone(release_directory: Path, tmp_path: Path) -> Path:
    """A release without an MPD, as the container `ts` makes it."""
    directory = tmp_path / "hls_alone"
    shutil.copytree(release_directory, directory, ignore=shutil.ignore_patterns(MPD))
    return directory


@pytest.fixture
def manifest(finished: Finished) -> ReleaseManifest:
    return finished.manifest
