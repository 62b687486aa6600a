"""The environment of the stack's processes, and of a command line that uses it."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightreel.local import object_store, postgres
from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import ADMIN, VIEWER, Credentials
from nightreel.local.home import Home
from nightreel.local.stray_processes import MARK, mark_of
from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings

PARALLELISM = 4
"""How many tasks run at once: two encodes on two cores, and others that mostly wait."""

_EXECUTOR = "nightreel.local.airflow.executor.PromptExecutor"
"""Named, not imported, because it imports Airflow."""

BUCKET = "nightreel"

# R2 does not know trailing checksums, which boto3 sends by default since 1.36.
_BUCKET_EXTRA = {
    "region_name": "auto",
    "config_kwargs": {
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    },
}


def host_name() -> str:
    """The name that Airflow's processes here use for their machine, whatever its DNS says."""
    return "localhost"


@dataclass(frozen=True)
class Project:
    """Which DAGs and plugins Airflow loads."""

    dags: Path = PROJECT_ROOT / "dags"
    plugins: Path = PROJECT_ROOT / "plugins"


def settings_environment(
    home: Home, address: StackAddresses, keys: Credentials, options: Settings
) -> dict[str, str]:
    """The settings that point Nightreel at this stack.

    The bucket and the catalog are always the stack's own, so that a demo never writes to those in `.env`.
    All other settings stay as the user set them.
    """
    variables = {
        "R2_ACCOUNT_ID": "",
        "R2_ACCESS_KEY_ID": keys.s3_access_key,
        "R2_SECRET_ACCESS_KEY": keys.s3_secret_key,
        "R2_BUCKET_NAME": address.bucket,
        "R2_PUBLIC_URL": address.public_url,
        "R2_ENDPOINT_URL": address.s3_endpoint,
        "NIGHTREEL_CATALOG_DSN": address.catalog_dsn,
        "NIGHTREEL_AIRFLOW_URL": address.airflow_url,
        "NIGHTREEL_AIRFLOW_USERNAME": address.username,
        "NIGHTREEL_AIRFLOW_PASSWORD": address.password,
    }
    unless_set = {
        "key_secret": keys.key_secret,
        "token_secret": keys.token_secret,
        "work_area": str(home.work),
        "reports": str(home.reports),
        "stream_area": str(home.root / "streams"),
        **(_web(address) if address.web_url else {}),
    }
    return variables | {
        f"NIGHTREEL_{name.upper()}": value
        for name, value in unless_set.items()
        if name not in options.model_fields_set
    }


def _web(address: StackAddresses) -> dict[str, str]:
    return {
        "web_url": address.web_url,
        # Pages inside Airflow's UI play encrypted titles with keys from there.
        "web_origins": address.airflow_url,
        "key_uri": f"{address.web_url}/keys/{{key_id}}",
        "clearkey_license_url": f"{address.web_url}/keys/clearkey",
    }


def stack_environment(
    home: Home,
    address: StackAddresses,
    ports: Mapping[str, int],
    keys: Credentials,
    project: Project,
    options: Settings,
) -> dict[str, str]:
    """The whole environment of supervisord and everything that it starts, based on the caller's."""
    return {
        **_inherited(),
        **object_store.ENVIRONMENT,
        **settings_environment(home, address, keys, options),
        **_connections(home, address, keys, options),
        **_airflow(home, address, ports, keys, project),
        MARK: mark_of(home),
        "NIGHTREEL_HOME": str(home.root),
        # Airflow renames its processes; without this the new name would overwrite the mark.
        "SPT_NOENV": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _inherited() -> dict[str, str]:
    """The caller's variables, without those that would change Airflow's configuration."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "_AIRFLOW_"))
    }
    paths = [str(PROJECT_ROOT / "include"), kept.get("PYTHONPATH", "")]
    binaries = [str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PATH": os.pathsep.join(binaries),
    }


def _connections(home: Home, address: StackAddresses, keys: Credentials, options: Settings) -> dict[str, str]:
    catalog = {
        "conn_type": "postgres",
        "host": str(home.sockets),
        "login": postgres.SUPERUSER,
        "schema": postgres.CATALOG_DATABASE,
    }
    bucket = {
        "conn_type": "aws",
        "login": keys.s3_access_key,
        "password": keys.s3_secret_key,
        "extra": {"endpoint_url": address.s3_endpoint, **_BUCKET_EXTRA},
    }
    return {
        f"AIRFLOW_CONN_{options.catalog_connection.upper()}": json.dumps(catalog),
        f"AIRFLOW_CONN_{options.bucket_connection.upper()}": json.dumps(bucket),
    }


def _airflow(
    home: Home, address: StackAddresses, ports: Mapping[str, int], keys: Credentials, project: Project
) -> dict[str, str]:
    options: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": project.dags,
            "plugins_folder": project.plugins,
            "load_examples": False,
            "executor": _EXECUTOR,
            "parallelism": PARALLELISM,
            "max_active_tasks_per_dag": 64,
            "dags_are_paused_at_creation": False,
            "fernet_key": keys.fernet_key,
            "execution_api_server_url": f"{address.airflow_url}/execution/",
            "simple_auth_manager_users": f"{ADMIN}:admin,{VIEWER}:viewer",
            "simple_auth_manager_passwords_file": home.passwords,
            "hostname_callable": f"{__name__}.{host_name.__name__}",
        },
        "database": {
            "sql_alchemy_conn": postgres.dsn(home, postgres.AIRFLOW_DATABASE, "postgresql+psycopg2"),
        },
        "api": {
            "host": "127.0.0.1",
            "port": ports["airflow"],
            "base_url": address.airflow_url,
            "secret_key": keys.api_secret_key,
            "workers": 1,
        },
        "api_auth": {"jwt_secret": keys.jwt_secret},
        "scheduler": {
            "scheduler_idle_sleep_time": 1,
            # A killed task or scheduler is noticed within about a minute, not five.
            "task_instance_heartbeat_timeout": 60,
            "orphaned_tasks_check_interval": 30,
        },
        "workers": {
            # While two encodes use both cores, the API answers late, and after a crash it
            # needs some ten seconds to be back: neither is a reason to give up a task.
            "execution_api_timeout": 30,
            "max_failed_heartbeats": 10,
        },
        "dag_processor": {
            # Changed files are noticed at each refresh; unchanged ones are parsed once a minute.
            "refresh_interval": 20,
            "min_file_process_interval": 60,
            "stale_dag_threshold": 120,
            "print_stats_interval": 300,
        },
        "logging": {
            "colored_console_log": False,
            "worker_log_server_port": ports["worker_logs"],
            "trigger_log_server_port": ports["trigger_logs"],
        },
        "usage_data_collection": {"enabled": False},
    }
    variables = {
        f"AIRFLOW__{section.upper()}__{name.upper()}": str(value)
        for section, entries in options.items()
        for name, value in entries.items()
    }
    return {"AIRFLOW_HOME": str(home.airflow), **variables}
