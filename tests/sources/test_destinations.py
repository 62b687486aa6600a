"""A fetch connects to the public internet and to R2_PUBLIC_URL's own origin, and nowhere else."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nightreel.errors import SourceRejected, StorageUnavailable
from nightreel.night.rows import SourceRow
from nightreel.night.sizes import SourceSizes
from nightreel.settings import Settings
from nightreel.sources.fetching import fetch, head_source
from nightreel.storage.bucket import Bucket
from tests.sources.conftest import changed
from tests.sources.origins import Origin, status
from tests.web.streams.servers import Internal, running_internal

PUBLIC_ADDRESS = "192.0.66.2"
"""Of the public internet, to the check; nothing here answers for it."""


@pytest.fixture
def internal() -> Iterator[Internal]:
    with running_internal() as running:
        yield running


@pytest.fixture
def allowing(bucket_settings: Settings) -> Settings:
    hosts = "localhost,127.0.0.1,127.1,2130706433,0x7f000001,::1,::ffff:127.0.0.1,rebinding.example"
    return changed(bucket_settings, allowed_hosts=hosts, fetch_timeout_seconds=1)


WAYS = [
    "http://localhost:{port}/film.mp4",
    "https://localhost:{port}/film.mp4",
    "http://LOCALHOST:{port}/film.mp4",
    "http://127.0.0.1:{port}/film.mp4",
    "http://127.1:{port}/film.mp4",
    "http://2130706433:{port}/film.mp4",
    "http://0x7f000001:{port}/film.mp4",
    "http://[::ffff:127.0.0.1]:{port}/film.mp4",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_host_that_is_allowed_by_name_is_not_asked_at_an_internal_address(
    cdn: Bucket, allowing: Settings, internal: Internal, tmp_path: Path, way: str
) -> None:
    url = way.format(port=internal.port)
    with pytest.raises(SourceRejected) as raised:
        fetch(url, tmp_path / "source.mp4", cdn, allowing)
    assert raised.value.code == "address_not_allowed"
    assert "R2_PUBLIC_URL" in raised.value.sentence
    with pytest.raises(SourceRejected):
        head_source(url, cdn, allowing)
    row = SourceRow(content_type="movie", content_id="1", name="A film", video_url=url)
    assert SourceSizes(cdn, allowing, 60)([row]) == [row]
    assert internal.connections == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", WAYS)
def test_no_redirect_leads_to_an_internal_address(
    origin: Origin, public: Bucket, allowing: Settings, internal: Internal, tmp_path: Path, way: str
) -> None:
    origin.answers["/old.mp4"] = status(302, Location=way.format(port=internal.port))
    with pytest.raises(SourceRejected) as raised:
        fetch(f"{origin.url}/old.mp4", tmp_path / "source.mp4", public, allowing)
    assert raised.value.code == "address_not_allowed"
    assert internal.connections == 0


def test_a_redirect_to_no_url_quarantines_the_title(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/old.mp4"] = status(302, Location="http://[")
    with pytest.raises(SourceRejected) as raised:
        fetch(f"{origin.url}/old.mp4?sig=secret", tmp_path / "source.mp4", public, settings)
    assert raised.value.code == "bad_source_url"
    assert "secret" not in raised.value.sentence


@pytest.fixture
def rebinding(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[str]]:
    """Makes a name resolve to one address when it is asked for first, and to another from then on."""
    resolve = socket.getaddrinfo

    def prepare(first: str, then: str) -> list[str]:
        addresses: list[str] = []

        def answer(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
            if host in ("rebinding.example", b"rebinding.example"):
                addresses.append(then if addresses else first)
                host = addresses[-1]
            return resolve(host, port, *rest, **named)

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return addresses

    return prepare


def test_a_name_that_leads_within_once_it_was_checked_gains_nothing(
    cdn: Bucket,
    allowing: Settings,
    internal: Internal,
    tmp_path: Path,
    rebinding: Callable[[str, str], list[str]],
) -> None:
    asked = rebinding(PUBLIC_ADDRESS, "127.0.0.1")
    url = f"http://rebinding.example:{internal.port}/film.mp4"
    with pytest.raises(StorageUnavailable):
        fetch(url, tmp_path / "1", cdn, allowing)
    # What was found to be public was connected to, without asking again.
    assert asked == [PUBLIC_ADDRESS]
    with pytest.raises(SourceRejected):
        fetch(url, tmp_path / "2", cdn, allowing)
    assert internal.connections == 0


def test_a_proxy_of_the_environment_changes_nothing(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(SourceRejected) as raised:
            fetch(f"{origin.url}/nothing.mp4", tmp_path / "source.mp4", public, settings)
    assert raised.value.code == "source_missing"
    assert origin.asked == ["/nothing.mp4"]
