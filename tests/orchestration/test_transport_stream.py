"""One title in the container `ts`, from its row in the catalog to a stream for HLS alone."""

from collections.abc import Callable
from pathlib import Path

from nightreel.cli.reachable import silences
from nightreel.releases.publish import manifest_urls
from nightreel.releases.published import judge_published
from nightreel.vocabulary import release
from nightreel.vocabulary.layout import title_prefix
from tests.orchestration.installation import Installation
from tests.orchestration.runs import convert

Install = Callable[..., Installation]


def test_a_title_is_published_as_a_transport_stream_without_a_dash_manifest(
    install: Install, film: Path
) -> None:
    installation = install(NIGHTREEL_CONTAINER="ts", NIGHTREEL_CODECS="h264,hevc")
    title = installation.add_movie(1, film)

    run = convert(title)

    assert run.state == "success"
    hls_url, _ = manifest_urls(installation.bucket, title, has_mpd=False)
    assert run.xcom("publish") == {"hls_url": hls_url, "dash_url": None}
    row, conversion = installation.movie(title), installation.conversion(title)
    assert (row["hls_url"], row["dash_url"]) == (hls_url, None)
    assert (conversion["hls_url"], conversion["dash_url"]) == (hls_url, None)
    assert [variant["quality"] for variant in conversion["variants"]] == ["240p", "360p"]
    names = set(installation.files(title, conversion["release"]))
    assert {"stream_240p_000.ts", "stream_360p_000.ts", "iframe_360p.m3u8"} <= names
    assert not any(name.endswith((".m4s", ".mp4", ".mpd")) for name in names)
    assert installation.bucket.head(title_prefix(title) + release.MPD) is None
    assert silences(hls_url, None) == []
    verdict = judge_published(hls_url)
    assert verdict.sentences == ()
    assert verdict.passed
