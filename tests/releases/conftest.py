"""Releases small enough to upload in a moment."""

import shutil
from pathlib import Path

import pytest

from nightreel.catalog import Catalog, load_mapping
from nightreel.releases.files import describe_files
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD, ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import MAPPING, Database
from tests.checks.conftest import copied as copied
from tests.checks.conftest import undamaged as undamaged

RELEASE = "20261121T010000-0a1b2c3d"

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
    <AdaptationSet id="0" contentType="video"><Representation id="0" bandwidth="928000"/></AdaptationSet>
  </Period>
</MPD>
"""


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
    """A finished release on disk; the media are bytes that no player reads here."""
    directory = tmp_path / "release"
    directory.mkdir()
    for number in range(4):
        (directory / f"stream_360p_{number:03d}.m4s").write_bytes(bytes([number]) * (1000 + number))
    (directory / "stream_360p_init.mp4").write_bytes(b"init")
    (directory / "stream_360p.m3u8").write_text("#EXTM3U\n")
    (directory / MASTER).write_text(MASTER_TEXT)
    (directory / MPD).write_text(MPD_TEXT, "utf-8")
    (directory / MANIFEST).write_text(describe(directory).model_dump_json())
    return directory


@pytest.fixture
def hls_alone(release_directory: Path, tmp_path: Path) -> Path:
    """A finished release without an MPD, as the container `ts` makes it."""
    directory = tmp_path / "hls_alone"
    shutil.copytree(release_directory, directory, ignore=shutil.ignore_patterns(MPD, MANIFEST))
    (directory / MANIFEST).write_text(describe(directory).model_dump_json())
    return directory


@pytest.fixture
def manifest(release_directory: Path) -> ReleaseManifest:
    return describe(release_directory)


def describe(directory: Path) -> ReleaseManifest:
    return ReleaseManifest(
        release=RELEASE,
        content_type="movie",
        content_id="7",
        files=tuple(describe_files(directory)),
        plan={},
        tools={},
        checks={},
    )
