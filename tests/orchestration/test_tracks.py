"""Each encode job goes its way by itself: what it makes is in the bucket before the next one begins."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import m3u8
import pytest

from nightreel.errors import EncoderFailed, StorageUnavailable
from nightreel.media.planning.recipe import fingerprint
from nightreel.orchestration.conversion import tracks, transcode
from nightreel.releases.inventory import track_ids
from nightreel.releases.track_record import TrackRecord
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import releases_prefix, track_prefix, tracks_prefix
from nightreel.vocabulary.release import TRACK
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert

Install = Callable[..., Installation]


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_what_a_job_makes_is_in_the_bucket_before_the_next_begins(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_ENCODE_JOBS", "2")
    settings.cache_clear()
    title = installation.add_movie(260, film)
    encode, encoded, there = transcode.encode, [], []

    def looked_before(job: Any, *arguments: Any, **options: Any) -> Any:
        there.append({each.rsplit("-", 2)[0] for each in track_ids(installation.bucket, title)})
        encoded.extend(job.renditions)
        return encode(job, *arguments, **options)

    monkeypatch.setattr(transcode, "encode", looked_before)
    assert convert(title).state == "success"
    assert there == [set(encoded[:number]) for number in range(3)]


def test_a_track_says_how_it_was_made_and_what_it_holds(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, _ = published
    made = installation.conversion(title)["release"]
    prefix = track_prefix(title, track_id("360p", made))
    record = TrackRecord.model_validate_json(installation.bucket.get_bytes(prefix + TRACK) or b"")
    assert (record.track, record.timeline) == (track_id("360p", made), made)
    assert record.fingerprint == fingerprint(record.recipe)
    assert record.recipe["encoder"] == "libx264"
    listed = {item.key.removeprefix(prefix): item.size for item in installation.bucket.list(prefix)}
    assert {file.name: file.size for file in record.files} == {
        name: size for name, size in listed.items() if name != TRACK
    }
    assert record.facts is not None
    assert {file.name: file.size for file in record.facts.own_files} == {
        file.name: file.size for file in record.files
    }


def test_the_releases_manifests_are_those_that_its_tracks_are_told_by(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, _ = published
    made = installation.conversion(title)["release"]
    master = m3u8.loads(
        (installation.bucket.get_bytes(f"{releases_prefix(title)}{made}/master.m3u8") or b"").decode()
    )
    for variant in master.playlists:
        name = variant.uri.rpartition("/")[2].removeprefix("stream_").removesuffix(".m3u8")
        found = installation.bucket.get_bytes(track_prefix(title, track_id(name, made)) + TRACK)
        packaged = json.loads(found or b"")["packaged"]
        assert variant.uri == f"../../tracks/{track_id(name, made)}/stream_{name}.m3u8"
        assert packaged["codec"] in variant.stream_info.codecs
        assert packaged["rate"]["peak"] <= variant.stream_info.bandwidth


def test_an_upload_that_fails_is_tried_again_without_encoding_or_sending_segments_again(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(261, film)
    encode, put, encoded, sent = transcode.encode, Bucket.put_file, Counter[str](), Counter[str]()

    def counted(job: Any, *arguments: Any, **options: Any) -> Any:
        encoded.update(job.renditions)
        return encode(job, *arguments, **options)

    def cut_once(bucket: Bucket, path: Path, key: str, *arguments: Any) -> None:
        put(bucket, path, key, *arguments)
        sent[path.name] += 1
        if path.name == TRACK and sent[TRACK] == 1:
            raise StorageUnavailable("the line is cut")

    monkeypatch.setattr(transcode, "encode", counted)
    monkeypatch.setattr(Bucket, "put_file", cut_once)
    run = convert(title)
    assert run.state == "success"
    assert run.tries("transcode") == 2
    assert set(encoded.values()) == {1}
    assert {name: times for name, times in sent.items() if name.endswith(".m4s") and times > 1} == {}


def test_another_try_encodes_only_the_rendition_whose_file_is_missing(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(264, film)
    encode, package, encoded = transcode.encode, tracks.package_track, list[tuple[str, ...]]()

    def recorded(job: Any, *arguments: Any, **options: Any) -> Any:
        encoded.append(job.renditions)
        return encode(job, *arguments, **options)

    def fails_once(packaging: Any, rendition: Any, files: Any) -> Any:
        if rendition.name == "240p" and ("240p",) not in encoded:
            files["240p"].unlink()
            raise EncoderFailed("the disk lost it")
        return package(packaging, rendition, files)

    monkeypatch.setattr(transcode, "encode", recorded)
    monkeypatch.setattr(tracks, "package_track", fails_once)
    run = convert(title)
    assert (run.state, run.tries("transcode")) == ("success", 2)
    assert [names for names in encoded if "240p" in names] == [("360p", "240p"), ("240p",)]


def test_a_rendition_that_the_gate_refuses_is_not_uploaded_and_its_title_says_why(
    installation: Installation, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = installation.add_movie(262, film)
    package = tracks.package_track

    def damaged(packaging: Any, rendition: Any, encoded: Any) -> Any:
        made = package(packaging, rendition, encoded)
        if rendition.name == "360p":
            segment = packaging.directory / "stream_360p_000.m4s"
            segment.write_bytes(segment.read_bytes()[:-200])
        return made

    monkeypatch.setattr(tracks, "package_track", damaged)
    run = convert(title)
    assert run.state == "failed"
    assert "upload" not in {task.task_id for task in run.tasks if task.state == "success"}
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("quarantined", "gate_refused")
    assert "stream_360p_000.m4s" in conversion["reason"]
    (said,) = run.tasks[0].xcom_pull(task_ids="transcode", key="report")
    report = installation.settings.reports / said / "index.html"
    assert "segments" in report.read_text()
    assert list(installation.bucket.list(tracks_prefix(title))) == []


def test_between_tasks_no_file_of_a_rendition_crosses_the_network_twice(
    install: Install, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    work = f"work-{token_hex(4)}"
    installation.bucket._client.create_bucket(Bucket=work)
    monkeypatch.setenv("NIGHTREEL_WORK_AREA", f"s3://{work}/area")
    settings.cache_clear()
    title = installation.add_movie(263, film)
    download, got = Bucket.download, Counter[str]()

    def counted(bucket: Bucket, key: str, *arguments: Any) -> Any:
        got[key.rpartition("/files/")[2]] += 1
        return download(bucket, key, *arguments)

    monkeypatch.setattr(Bucket, "download", counted)
    assert convert(title).state == "success"
    assert not [
        name for name in got if name.startswith(("encoded/360p.mp4", "encoded/240p.mp4", "packaged/"))
    ]
