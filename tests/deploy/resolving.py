"""Resolves what a container would load, in the environment of that container.

    python resolving.py < names.json

The standard input is a list of lists of words, each `[kind, ...]` of `RESOLVERS`; the standard
output is a list of what is wrong with each, or null. Nothing is started and nothing is connected to.
"""

import importlib
import inspect
import json
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence


def _executor(_: Sequence[str]) -> None:
    from airflow.executors.executor_loader import ExecutorLoader

    executor, _source = ExecutorLoader.import_default_executor_cls()
    executor()


def _auth_manager(_: Sequence[str]) -> None:
    from airflow.api_fastapi.app import get_auth_manager_cls

    get_auth_manager_cls()


def _metadata_database(_: Sequence[str]) -> None:
    from airflow.configuration import conf
    from sqlalchemy.engine import make_url

    make_url(conf.get("database", "sql_alchemy_conn")).get_dialect().import_dbapi()


def _queue(_: Sequence[str]) -> None:
    from airflow.providers.celery.executors.celery_executor import app
    from celery.app import backends

    with app.connection_for_write() as connection:
        _ = connection.transport
    backends.by_url(app.conf.result_backend, app.loader)


def _connection(names: Sequence[str]) -> None:
    from airflow.models.connection import Connection
    from airflow.providers_manager import ProvidersManager

    kind = Connection.get_connection_from_secrets(names[0]).conn_type
    hook = ProvidersManager().hooks[kind]
    assert hook is not None, f"the provider of {kind} cannot be imported"
    pkgutil.resolve_name(hook.hook_class_name)


def _airflow(words: Sequence[str]) -> None:
    from airflow.cli.cli_parser import get_parser

    chosen = get_parser().parse_args(words).func
    # The parser gives a function that imports the real one when it is called.
    function = pkgutil.resolve_name(inspect.getclosurevars(chosen).nonlocals["import_path"])
    assert callable(function)


def _celery(words: Sequence[str]) -> None:
    from celery.bin.celery import celery

    application = list(words[:2]) if words[0] == "--app" else []
    command = words[len(application)]
    celery.main([*application, command, "--help"], prog_name="celery", standalone_mode=False)


def _python(words: Sequence[str]) -> None:
    option, given = words
    if option == "-m":
        importlib.import_module(given)
        return
    imports = [line for line in given.splitlines() if line.startswith(("import ", "from "))]
    assert imports, f"python {option} imports nothing"
    exec("\n".join(imports), {})


def _nightreel(words: Sequence[str]) -> None:
    from typer.main import get_command

    from nightreel.cli import app

    get_command(app).main([*words, "--help"], prog_name="nightreel", standalone_mode=False)


RESOLVERS: dict[str, Callable[[Sequence[str]], None]] = {
    "executor": _executor,
    "auth manager": _auth_manager,
    "metadata database": _metadata_database,
    "queue": _queue,
    "connection": _connection,
    "airflow": _airflow,
    "celery": _celery,
    "python": _python,
    "nightreel": _nightreel,
}


def _fault(words: Sequence[str]) -> str | None:
    try:
        RESOLVERS[words[0]](words[1:])
    # argparse and click end the process on what they do not know.
    except (Exception, SystemExit):
        return traceback.format_exc(limit=-3)
    return None


def main() -> None:
    wanted = json.load(sys.stdin)
    answer, sys.stdout = sys.stdout, sys.stderr
    json.dump([_fault(words) for words in wanted], answer)


if __name__ == "__main__":
    main()
