"""Keeps the values in a request's query out of all logs of the surrounding server.

Queries contain players' tokens and signed URLs of sources, because players send no headers. Servers log
the path with its query: uvicorn when the response begins, Airflow's API server when it is over. Both read
it from the request's scope, so the scope that they see has only the names, whatever serves the app. The
app gets a scope with the real query.
"""

import re
from urllib.parse import unquote_plus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HIDDEN = "***"

_PLAIN_NAME = re.compile(r"[a-z_]{1,32}")


class HiddenQueries:
    """ASGI middleware; must be the app's outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        query: bytes = scope.get("query_string", b"")
        if not query:
            await self._app(scope, receive, send)
            return

        async def send_without_referrer(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Browsers would send the page's address to the next site.
                MutableHeaders(scope=message).setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        known = dict(scope)
        scope["query_string"] = hidden(query)
        await self._app(known, receive, send_without_referrer)


def hidden(query: bytes) -> bytes:
    """The query with only the names of its parameters: `url=***&token=***`."""
    names = (unquote_plus(part.partition("=")[0]) for part in query.decode("latin-1").split("&"))
    shown = (name if _PLAIN_NAME.fullmatch(name) else HIDDEN for name in names)
    return "&".join(f"{name}={HIDDEN}" for name in shown).encode()
