"""https URLs on their way to FFmpeg and back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightreel.web.streams.egress.plain_urls import as_named, plain, plain_playlist, real

_HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,5}){1,3}", fullmatch=True)
_PORTS = st.integers(1, 65_535).filter(lambda port: port != 443).map(lambda port: f":{port}") | st.just("")
_PATHS = st.from_regex(r"/[a-z0-9./%?=&:-]{0,30}", fullmatch=True)


@given(_HOSTS, _PORTS, _PATHS)
@example("media.example", "", "/film?")
def test_an_https_url_becomes_plain_and_is_itself_again(host: str, port: str, path: str) -> None:
    url = f"https://{host}{port}{path}"
    assert plain(url).startswith("http://")
    assert real(plain(url)) == url


@given(_HOSTS, _PORTS, _PATHS)
def test_an_http_url_stays_as_it_is(host: str, port: str, path: str) -> None:
    url = f"http://{host}{port}{path}"
    assert real(plain(url)) == url == plain(url)


def test_every_https_url_of_a_playlist_becomes_plain() -> None:
    playlist = (
        b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="https://k.example/1"\nhttps://a.example:8443/b.ts\nc.ts\n'
    )
    assert plain_playlist(playlist) == (
        b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://k.example.tls.invalid:443/1"\n'
        b"http://a.example.tls.invalid:8443/b.ts\nc.ts\n"
    )


@pytest.mark.parametrize(
    "url", ["https://a.example/b.mp4", "https://a.example:8443/b.mp4", "http://a.example/b"]
)
def test_people_read_the_url_that_they_know(url: str) -> None:
    assert as_named(f"Error opening {plain(url)}.") == f"Error opening {url}."
