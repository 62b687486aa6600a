"""Purges from Cloudflare's cache what was taken down (POST /zones/{zone_id}/purge_cache).

It purges by prefix, which every plan allows. A file that was requested with an `Origin` is cached
separately, and a purge of its URL would leave that copy. A prefix is a host and a path, without scheme.
https://developers.cloudflare.com/cache/how-to/purge-cache/purge_by_prefix/
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from nightreel.errors import NightreelError
from nightreel.settings import Settings

API = "https://api.cloudflare.com/client/v4"
PREFIXES_PER_REQUEST = 30
"""What every plan allows."""

_TRIES = 4
_ANSWER_SECONDS = 15.0
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_TOO_MANY_REQUESTS = 429
_CLIENT_ERROR = 400
_SERVER_ERROR = 500
_REFUSED = (401, 403)


class PurgeFailed(NightreelError):
    """The cache may still have what was to leave it. The purge may be repeated."""


def purge_prefix(url: str) -> str:
    """`https://media.example.com/hls/movies/7/master.m3u8` without its scheme."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def purge_requests(prefixes: Sequence[str]) -> Iterator[dict[str, list[str]]]:
    """The bodies of the API calls that purge these prefixes."""
    for start in range(0, len(prefixes), PREFIXES_PER_REQUEST):
        yield {"prefixes": list(prefixes[start : start + PREFIXES_PER_REQUEST])}


class Cloudflare:
    """One zone, with a token that may purge its cache (permission Zone, Cache Purge)."""

    def __init__(self, zone_id: str, token: str, wait: Callable[[float], None] = time.sleep) -> None:
        self._url = f"{API}/zones/{zone_id}/purge_cache"
        self._token = token
        self._wait = wait

    @classmethod
    def from_settings(cls, settings: Settings) -> "Cloudflare | None":
        """None where nothing is set."""
        zone, token = settings.cloudflare_zone_id, settings.cloudflare_api_token.get_secret_value()
        return cls(zone, token) if zone and token else None

    def purge(self, prefixes: Sequence[str]) -> None:
        """Purges them in batches, each tried again while Cloudflare is busy. Raises PurgeFailed."""
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(timeout=_ANSWER_SECONDS, headers=headers) as client:
            for body in purge_requests(prefixes):
                self._purge(client, body)

    def _purge(self, client: httpx.Client, body: dict[str, list[str]]) -> None:
        pause, fault = _FIRST_WAIT_SECONDS, ""
        for tried in range(_TRIES):
            if tried:
                self._wait(pause)
            try:
                answer = client.post(self._url, json=body)
            except httpx.HTTPError as error:
                fault, pause = f"it did not answer ({type(error).__name__})", pause * 2
                continue
            fault = _fault(answer.status_code, _document(answer))
            if not fault:
                return
            if answer.status_code != _TOO_MANY_REQUESTS and answer.status_code < _SERVER_ERROR:
                break
            pause = _asked_for(answer.headers.get("Retry-After")) or pause * 2
        raise PurgeFailed(f"Cloudflare did not purge its cache: {fault}")


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _fault(status: int, document: dict[str, Any]) -> str:
    """What is wrong, in Cloudflare's own words; empty after a successful purge."""
    if document.get("success") is True and status < _CLIENT_ERROR:
        return ""
    errors = document.get("errors")
    told = [
        f"{each.get('message', 'an error')} (code {each.get('code', '?')})"
        for each in (errors if isinstance(errors, list) else [])
        if isinstance(each, dict)
    ]
    cure = "; NIGHTREEL_CLOUDFLARE_API_TOKEN needs the permission Zone, Cache Purge, for this zone"
    return f"{status}, {'; '.join(told) or 'without a reason'}{cure if status in _REFUSED else ''}"


def _asked_for(retry_after: str | None) -> float | None:
    """The seconds of a Retry-After, if they are few enough to wait."""
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return None
    return min(float(retry_after[:6]), _LONGEST_WAIT_SECONDS)
