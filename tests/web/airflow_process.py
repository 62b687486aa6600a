"""Run as a program: Airflow's API server over an empty database, with this project's DAGs.

One process for the schema, the DAGs and the server, because importing Airflow costs more than
all of them. Its one argument is the file into which it writes its URL once it answers. Ends
when its standard input does, and so never outlives who started it.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def main(announcement: Path) -> None:
    threading.Thread(target=_end_with_input, daemon=True).start()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        # Before Airflow is imported, which reads its configuration then.
        os.environ["AIRFLOW__API__BASE_URL"] = url
        os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"{url}/execution/"
        _prepare()
        _serve(listener, lambda: _announce(announcement, url))


def _end_with_input() -> None:
    # Unbuffered: the lock of a buffer would be in the way of an exit for another reason.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def _prepare() -> None:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
    from airflow.utils import db

    db.initdb()
    bundles = DagBundlesManager()
    bundles.sync_bundles_to_db()
    for bundle in bundles.get_all_dag_bundles():
        bundle.initialize()
        dags = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        assert not dags.import_errors, dags.import_errors
        sync_bag_to_db(dags, bundle.name, bundle_version=None)


def _serve(listener: socket.socket, ready: Callable[[], None]) -> None:
    import uvicorn
    from airflow.api_fastapi.main import app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    Server(uvicorn.Config(app, access_log=False, log_config=None)).run([listener])


def _announce(file: Path, url: str) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(url)
    unfinished.rename(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
