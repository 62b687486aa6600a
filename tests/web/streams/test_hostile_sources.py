"""A source may name anything: neither the network within nor this machine's files are reached."""

from pathlib import Path

import httpx
import pytest

from tests.web.streams.servers import Host, Internal, Page

WAYS_IN = [
    "http://127.0.0.1:{port}/a.ts",
    "http://localhost:{port}/a.ts",
    "http://127.1:{port}/a.ts",
    "http://2130706433:{port}/a.ts",
    "http://0x7f000001:{port}/a.ts",
    "http://[::ffff:127.0.0.1]:{port}/a.ts",
    "http://localhost.tls.invalid:{port}/a.ts",
    "//127.0.0.1:{port}/a.ts",
    "https://localhost:{port}/a.ts",
    "httpproxy://127.0.0.1:{port}/example.com:80/a.ts",
    "crypto+httpproxy://127.0.0.1:{port}/example.com:80/a.ts",
    "tls://127.0.0.1:{port}/a.ts",
    "tcp://127.0.0.1:{port}/a.ts",
    "ffrtmphttp://127.0.0.1:{port}/a.ts",
    "rtmp://127.0.0.1:{port}/a.ts",
    "ftp://127.0.0.1:{port}/a.ts",
]


@pytest.mark.parametrize("way", WAYS_IN)
def test_no_playlist_leads_within(viewer: httpx.Client, host: Host, internal: Internal, way: str) -> None:
    hostile = way.format(port=internal.port)
    url = host.playlist("/hostile.m3u8", "segment.ts", hostile, "segment.ts")
    # The good segment is played, the other one is left out.
    assert viewer.get("/api/stream/mp4", params={"url": url}).status_code == 200
    assert internal.connections == 0


@pytest.mark.parametrize(
    "way", ["http://localhost:{port}/k", "httpproxy://127.0.0.1:{port}/example.com:80/k"]
)
def test_no_key_of_a_playlist_is_fetched_from_within(
    viewer: httpx.Client, host: Host, internal: Internal, way: str
) -> None:
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{way.format(port=internal.port)}"'
    viewer.get("/api/stream/mp4", params={"url": host.playlist("/key.m3u8", "segment.ts", keys=key)})
    assert "/key.m3u8" in host.asked
    assert internal.connections == 0


@pytest.mark.parametrize("way", WAYS_IN)
def test_no_redirect_leads_within(viewer: httpx.Client, host: Host, internal: Internal, way: str) -> None:
    host.pages["/moved.mp4"] = Page(status=302, headers={"Location": way.format(port=internal.port)})
    answer = viewer.get("/api/stream/mp4", params={"url": f"{host.url}/moved.mp4"})
    assert answer.status_code == 502
    assert internal.connections == 0


@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.parametrize("path", ["mp4", "hls"])
def test_no_url_leads_within(viewer: httpx.Client, internal: Internal, way: str, path: str) -> None:
    answer = viewer.get(f"/api/stream/{path}", params={"url": way.format(port=internal.port)})
    assert answer.status_code == 422
    assert internal.connections == 0


def test_the_way_to_a_hostile_port_would_be_open_but_for_the_relay(internal: Internal) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{internal.port}/a.ts", timeout=5)
    assert internal.connections == 1


def test_a_redirect_to_a_host_that_is_not_allowed_is_not_followed(viewer: httpx.Client, host: Host) -> None:
    for place in ("http://169.254.169.254/latest/meta-data/", "http://example.com/a.mp4"):
        host.pages["/away.mp4"] = Page(status=302, headers={"Location": place})
        answer = viewer.get("/api/stream/mp4", params={"url": f"{host.url}/away.mp4"})
        assert answer.status_code == 502
        assert "403" in answer.json()["detail"]


def test_a_redirect_on_the_origin_is_followed(viewer: httpx.Client, host: Host) -> None:
    host.pages["/old.mp4"] = Page(status=302, headers={"Location": "/clip.mp4"})
    assert viewer.get("/api/stream/mp4", params={"url": f"{host.url}/old.mp4"}).status_code == 200


@pytest.mark.parametrize(
    "scheme", ["file://", "file:", "", "concat:", "subfile,,start,0,end,0,,:", "crypto+file://"]
)
def test_no_file_of_this_machine_is_read(
    viewer: httpx.Client, host: Host, segment: bytes, tmp_path: Path, scheme: str
) -> None:
    # A good segment: were it read, it would be played.
    (tmp_path / "secret.ts").write_bytes(segment)
    url = host.playlist("/files.m3u8", f"{scheme}{tmp_path}/secret.ts")
    assert viewer.get("/api/stream/mp4", params={"url": url}).status_code == 502
    assert viewer.get("/api/stream/mp4", params={"url": f"{scheme}{tmp_path}/secret.ts"}).status_code == 422


def test_a_proxy_of_the_operators_and_exceptions_to_it_change_nothing(
    viewer: httpx.Client, host: Host, internal: Internal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{internal.port}")
    url = host.playlist("/env.m3u8", "segment.ts", f"http://localhost:{internal.port}/a.ts")
    assert viewer.get("/api/stream/mp4", params={"url": url}).status_code == 200
    assert internal.connections == 0


@pytest.mark.parametrize("path", ["mp4", "hls"])
def test_what_ffmpeg_says_of_a_source_tells_no_signature(viewer: httpx.Client, host: Host, path: str) -> None:
    answer = viewer.get(f"/api/stream/{path}", params={"url": f"{host.url}/nothing.mp4?sig=asecret"})
    assert answer.status_code == 502
    assert "/nothing.mp4" in answer.json()["detail"]
    assert "asecret" not in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "https://[",
        "http://a:b:c/",
        "http://user:password@localhost/",
        "\0",
        "http://a\nb/",
        "http://127.0.0.1:99999/",
        "gopher://127.0.0.1/",
        "s3://media/a.mp4",
        "http://exämple.com/ü",
        "http://a\\@b",
        "x" * 5000,
    ],
)
def test_an_absurd_url_is_refused_in_words(viewer: httpx.Client, url: str) -> None:
    answer = viewer.get("/api/stream/hls", params={"url": url})
    assert answer.status_code == 422
    assert answer.json()["code"]
