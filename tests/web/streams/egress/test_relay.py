"""The relay by itself: who may use it, TLS, and what it passes on."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nightreel.settings import load_settings
from nightreel.sources.destinations import Destinations
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.web.streams.egress import Relay
from tests.web.streams.servers import Host, Page, running_host

T = TypeVar("T")
PLAYLIST = b"#EXTM3U\nhttps://127.0.0.1:8443/a.ts\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a source")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture(scope="module")
def tls_host(certificate: Path) -> Iterator[Host]:
    with running_host() as host:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        host.socket = context.wrap_socket(host.socket, server_side=True)
        host.pages |= {
            "/a": Page(b"a film"),
            "/list": Page(PLAYLIST),
            "/moved": Page(status=302, headers={"Location": f"https://127.0.0.1:{host.server_port}/a"}),
        }
        yield host


def through_relay(
    public_url: str, act: Callable[[Relay, httpx.AsyncClient], Awaitable[T]], authorities: str | None = None
) -> T:
    """What `act` finds with a client that goes through a relay, for sources on this origin."""
    settings = load_settings(
        r2_public_url=public_url,
        r2_endpoint_url="http://127.0.0.1:9",
        r2_access_key_id="key",
        r2_secret_access_key="secret",
    )
    bucket = Bucket(client_from_settings(settings), "media", public_url)
    destinations = Destinations(settings, bucket)

    async def run() -> T:
        relay = Relay(destinations, authorities) if authorities else Relay(destinations)
        await relay.start()
        try:
            async with httpx.AsyncClient(proxy=relay.url) as client:
                return await act(relay, client)
        finally:
            await relay.close()

    return asyncio.run(run())


def getting(url: str) -> Callable[[Relay, httpx.AsyncClient], Awaitable[httpx.Response]]:
    return lambda _, client: client.get(url)


def test_a_source_is_read_over_tls_when_its_certificate_is_good(tls_host: Host, certificate: Path) -> None:
    origin = f"https://127.0.0.1:{tls_host.server_port}"
    url = f"http://127.0.0.1.tls.invalid:{tls_host.server_port}/a"
    answer = through_relay(origin, getting(url), str(certificate))
    assert (answer.status_code, answer.content) == (200, b"a film")


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_host: Host) -> None:
    origin = f"https://127.0.0.1:{tls_host.server_port}"
    asked = len(tls_host.asked)
    answer = through_relay(origin, getting(f"http://127.0.0.1.tls.invalid:{tls_host.server_port}/a"))
    assert answer.status_code == 502
    assert len(tls_host.asked) == asked


def test_https_in_a_playlist_and_in_a_redirect_leads_to_the_relay_again(
    tls_host: Host, certificate: Path
) -> None:
    port = tls_host.server_port
    base = f"http://127.0.0.1.tls.invalid:{port}"

    async def act(relay: Relay, client: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        return await client.get(f"{base}/list"), await client.get(f"{base}/moved")

    playlist, moved = through_relay(f"https://127.0.0.1:{port}", act, str(certificate))
    assert playlist.content == b"#EXTM3U\nhttp://127.0.0.1.tls.invalid:8443/a.ts\n"
    assert moved.headers["location"] == f"{base}/a"


def test_nobody_gets_through_without_the_password() -> None:
    with running_host() as host:
        host.pages["/a"] = Page(b"a film")

        async def act(relay: Relay, client: httpx.AsyncClient) -> list[int]:
            port = httpx.URL(relay.url).port
            statuses = []
            for proxy in (f"http://127.0.0.1:{port}", f"http://ffmpeg:guess@127.0.0.1:{port}"):
                async with httpx.AsyncClient(proxy=proxy) as stranger:
                    statuses.append((await stranger.get(f"{host.url}/a")).status_code)
            return statuses

        assert through_relay(host.url, act) == [407, 407]
        assert host.asked == []


def test_a_tunnel_is_not_made() -> None:
    with running_host() as host:

        async def act(relay: Relay, client: httpx.AsyncClient) -> None:
            with pytest.raises(httpx.ProxyError, match="405"):
                await client.get(f"https://127.0.0.1:{host.server_port}/a")

        through_relay(host.url, act)
        assert host.asked == []


def test_a_range_is_passed_on_and_nothing_else_that_tells_of_us() -> None:
    with running_host() as host:
        host.pages["/a"] = Page(b"a film")

        async def act(relay: Relay, client: httpx.AsyncClient) -> httpx.Response:
            given = {"Range": "bytes=2-", "Authorization": "Bearer ours", "Cookie": "session=ours"}
            return await client.get(f"{host.url}/a", headers=given)

        answer = through_relay(host.url, act)
        assert (answer.status_code, answer.content) == (206, b"film")
        assert answer.headers["content-range"] == "bytes 2-5/6"
        assert set(host.headers_given[0]) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Range"}


def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    with running_host() as host:
        host.pages["/short"] = Page(b"half", headers={"Content-Length": "8"})

        async def act(relay: Relay, client: httpx.AsyncClient) -> None:
            with pytest.raises(httpx.TransportError):
                await client.get(f"{host.url}/short")

        through_relay(host.url, act)
