"""On-the-fly streams: give the URL of a source, and play it, whatever its format.

`/api/stream/hls` answers with the URLs for a player, `/api/stream/mp4` with the stream itself.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.types import Receive, Scope, Send

from nightreel.media.encoding.live import PLAYLIST
from nightreel.web.access import needs, open_because
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.streams.encoders import Mp4Encoder
from nightreel.web.streams.folders import stream_file
from nightreel.web.streams.streams import Streams
from nightreel.web.streams.tickets import admits, issue_ticket
from nightreel.web.streams.viewers import ViewerLeft

_CLIENT_CLOSED_REQUEST = 499
"""A response that nobody will read."""
_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_SEGMENT_TYPE = "video/mp2t"

SourceUrl = Annotated[
    str | None,
    Query(
        description="Where the source is: an MP4, an HLS playlist, …", examples=["https://example.com/a.m3u8"]
    ),
]

Ticket = Annotated[
    str | None,
    Query(
        description="A ticket for this source, as `mp4_fallback_stream` has it",
        examples=["eyJhbGciOiJIUzI1NiJ9.e30.c2ln"],
    ),
]
Folder = Annotated[str, Path(examples=["9f86d081884c7d659a2feaa0c55ad015"])]
FileName = Annotated[str, Path(examples=[PLAYLIST, "000000.ts"])]


class StreamUrls(BaseModel):
    """Where a player finds the stream. The playlist grows while the source is encoded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "mp4_fallback_stream": "https://nightreel.example.com/api/stream?url=https%3A%2F%2F…&token=…",
                    "hls_playlist_stream": "https://nightreel.example.com/api/stream/hls/"
                    "9f86d081884c7d659a2feaa0c55ad015/index.m3u8",
                }
            ]
        }
    )

    mp4_fallback_stream: str
    hls_playlist_stream: str


_ASKED = documented(400, 401, 403, 404, 422, 502, 503, 504)
_MP4: dict[int | str, dict[str, Any]] = {
    200: {"description": "Fragmented MP4, as it is encoded", "content": {"video/mp4": {}}},
    **_ASKED,
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The playlist or a segment", "content": {_PLAYLIST_TYPE: {}, _SEGMENT_TYPE: {}}},
    **documented(404, 422),
}

_reads: Callable[..., Any] = needs("read").dependency


async def admit(
    request: Request, services: GivenServices, url: SourceUrl = None, token: Ticket = None
) -> None:
    """Admits callers with a ticket for this source, and readers; everyone if the operator allows it."""
    if services.settings.open_streams or (token and admits(services.settings, token, url or "")):
        return
    # The two header parameters only appear in the route's description.
    await _reads(request, None, None)


_ADMITTED = [
    open_because("it checks by itself: a ticket, a key with the scope read, or NIGHTREEL_OPEN_STREAMS"),
    Depends(admit),
]
_SECURITY: dict[str, Any] = {"security": [{"ApiKey": []}, {"Bearer": []}, {}]}


def streams_of(app: FastAPI) -> Streams:
    """The streams of the serving app, created on first use."""
    if not hasattr(app.state, "streams"):
        app.state.streams = Streams(app.state.services)
    streams: Streams = app.state.streams
    return streams


@asynccontextmanager
async def _while_serving(app: FastAPI) -> AsyncIterator[None]:
    streams = streams_of(app)
    yield
    await streams.close()
    # An app that is served again is on another event loop.
    del app.state.streams


def streams_router() -> APIRouter:
    """`/api/stream/mp4?url=`, `/api/stream/hls?url=`, and the files of the latter."""
    router = APIRouter(prefix="/api/stream", tags=["streams on the fly"], lifespan=_while_serving)

    @router.get(
        "",
        name="stream_mp4",
        summary="Play a source as MP4 (the fallback's URL)",
        response_class=Response,
        responses=_MP4,
        dependencies=_ADMITTED,
        openapi_extra=_SECURITY,
    )
    @router.get(
        "/mp4",
        summary="Play a source as MP4",
        response_class=Response,
        responses=_MP4,
        dependencies=_ADMITTED,
        openapi_extra=_SECURITY,
    )
    async def play_as_mp4(request: Request, url: SourceUrl = None) -> Response:
        """Encodes from the beginning; the encoder ends when the connection does."""
        streams = streams_of(request.app)
        try:
            encoder = await streams.open_mp4(_required(url), request.is_disconnected)
        except ViewerLeft:
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
        return _LiveMp4(encoder, streams)

    @router.get(
        "/hls",
        summary="Get the URLs of a source's stream",
        responses=_ASKED,
        dependencies=_ADMITTED,
        openapi_extra=_SECURITY,
    )
    async def start_hls(request: Request, services: GivenServices, url: SourceUrl = None) -> StreamUrls:
        """Answers when there is something to play. Clients that ask for the same source share the stream."""
        source = _required(url)
        folder = await streams_of(request.app).open_hls(source)
        return StreamUrls(
            mp4_fallback_stream=_fallback(request, services, source),
            hls_playlist_stream=_link(request, services, "stream_file", folder=folder, filename=PLAYLIST),
        )

    @router.get(
        "/hls/{folder}/{filename}",
        name="stream_file",
        summary="Get the playlist or a segment",
        response_class=Response,
        responses=_FILE,
        dependencies=[open_because("players send no key; the folder's name, of 128 random bits, is the key")],
    )
    def read_file(services: GivenServices, folder: Folder, filename: FileName) -> Response:
        """The folder is removed when nobody has asked for one of its files for a while."""
        content = stream_file(services.settings.stream_area, folder, filename)
        if content is None:
            raise Problem(404, "No such file", "The stream has no such file, or has ended.")
        media_type = _PLAYLIST_TYPE if filename == PLAYLIST else _SEGMENT_TYPE
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})

    return router


class _LiveMp4(StreamingResponse):
    """Ends the encoder when the response is over for any reason."""

    def __init__(self, encoder: Mp4Encoder, streams: Streams) -> None:
        headers = {"Cache-Control": "no-store", "Accept-Ranges": "none"}
        super().__init__(encoder.chunks(), media_type="video/mp4", headers=headers)
        self._encoder = encoder
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.close_mp4(self._encoder)


def _required(url: str | None) -> str:
    if not url:
        raise Problem(400, "Missing url", "Name the source in the parameter `url`.", error="Missing url")
    return url


def _fallback(request: Request, services: Services, url: str) -> str:
    ticket = issue_ticket(services.settings, url)
    query = {"url": url} | ({"token": ticket} if ticket else {})
    return f"{_link(request, services, 'stream_mp4')}?{urlencode(query)}"


def _link(request: Request, services: Services, name: str, **path: str) -> str:
    """An absolute URL of a route: under NIGHTREEL_WEB_URL, or else the address of the request."""
    if base := services.settings.web_url:
        return f"{base}{request.app.url_path_for(name, **path)}"
    return str(request.url_for(name, **path))
