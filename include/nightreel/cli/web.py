"""`web`: the app on its own."""

from typing import Annotated

import typer
import uvicorn

from nightreel.settings import load_settings
from nightreel.web import standalone

_STOP_SECONDS = 5


def web(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8000,
    behind: Annotated[
        str | None,
        typer.Option(
            help="Proxies, by address or network, whose X-Forwarded headers are trusted; comma-separated. "
            "[default: NIGHTREEL_WEB_PROXIES]"
        ),
    ] = None,
) -> None:
    """Serve the API and the pages without Airflow's UI, for callers with API keys.

    Needs NIGHTREEL_TOKEN_SECRET, and the catalog, the bucket and the Airflow of the settings.

      nightreel web --host 0.0.0.0 --port 8000
    """
    proxies = load_settings().web_proxies if behind is None else behind
    # Created here, so that a missing setting is one line, not a traceback of the server.
    uvicorn.run(
        standalone.app(),
        host=host,
        port=port,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        # A client that follows a job would keep the server running until the job has ended.
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
