"""Run as a program: the app standing alone, as its settings have it, on a port that it prints.

Airflow is away. Ends when its standard input does, and so never outlives who started it.
"""

import os
import socket
import sys
import threading

import uvicorn

from nightreel.catalog import Catalog, load_mapping
from nightreel.runs.airflow_api import AirflowClient
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.web.access import StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.services import Services


def main() -> None:
    threading.Thread(target=_end_with_input, daemon=True).start()
    options = settings()
    catalog = Catalog.from_dsn(
        options.catalog_dsn.get_secret_value(), load_mapping(options.catalog_mapping), options.key_secret
    )
    bucket = Bucket(client_from_settings(options), options.r2_bucket_name, options.r2_public_url)
    with socket.socket() as listener, socket.socket() as silent:
        # Bound, but not listened to: nobody answers there, and nobody else can.
        for each in (listener, silent):
            each.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        services = Services(
            options, lambda: catalog, lambda: bucket, lambda _: AirflowClient.with_token(nowhere, "token")
        )
        listener.listen()
        print(listener.getsockname()[1], flush=True)
        app = create_app(services, StandaloneAccess(catalog))
        uvicorn.Server(uvicorn.Config(app, access_log=False)).run([listener])


def _end_with_input() -> None:
    # Unbuffered: the lock of a buffer would be in the way of an exit for another reason.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
