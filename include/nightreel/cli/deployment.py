"""Which Nightreel a command works on: the one that the settings name, else the embedded one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from nightreel.errors import ConfigurationError

if TYPE_CHECKING:
    from nightreel.airflow_client import AirflowClient
    from nightreel.catalog import Catalog
    from nightreel.local.stack import Stack
    from nightreel.settings import Settings
    from nightreel.storage.bucket import Bucket

_PREFIX = "NIGHTREEL_"


@dataclass(frozen=True)
class Deployment:
    """A catalog, a bucket and an Airflow that belong together."""

    settings: "Settings"

    def catalog(self) -> "Catalog":
        """Raises ConfigurationError when the connection string or the mapping is wrong."""
        from nightreel.catalog import Catalog, load_mapping

        return Catalog.from_dsn(
            self.settings.catalog_dsn.get_secret_value(),
            load_mapping(self.settings.catalog_mapping),
            self.settings.key_secret,
        )

    def bucket(self) -> "Bucket":
        """Raises ConfigurationError naming the variables that are not set."""
        from nightreel.storage.bucket import Bucket, client_from_settings

        if not self.settings.r2_public_url:
            raise ConfigurationError(
                "R2_PUBLIC_URL is not set: set it to the URL under which players read the bucket"
            )
        return Bucket(
            client_from_settings(self.settings), self.settings.r2_bucket_name, self.settings.r2_public_url
        )

    def airflow(self) -> "AirflowClient":
        """Raises ConfigurationError naming the variables that are not set."""
        from nightreel.airflow_client import AirflowClient

        given = {
            "NIGHTREEL_AIRFLOW_URL": self.settings.airflow_url,
            "NIGHTREEL_AIRFLOW_USERNAME": self.settings.airflow_username,
            "NIGHTREEL_AIRFLOW_PASSWORD": self.settings.airflow_password.get_secret_value(),
        }
        if unset := [name for name, value in given.items() if not value]:
            raise ConfigurationError(
                f"not set: {', '.join(unset)}; runs are started through Airflow's API, "
                "so set them in the environment or in .env"
            )
        return AirflowClient(*given.values())

    def run_page(self, dag_id: str, run_id: str) -> str:
        """Where Airflow shows a run."""
        return f"{self.settings.airflow_url}/dags/{dag_id}/runs/{quote(run_id)}"


def current() -> Deployment:
    """The deployment whose catalog the settings name; without one, the stack that runs here.

    Raises ConfigurationError when there is neither.
    """
    from nightreel.settings import load_settings

    options = load_settings()
    if options.catalog_dsn.get_secret_value():
        return Deployment(options)
    from nightreel.local.stack import Stack

    stack = Stack(options=options)
    if not stack.status().programs:
        raise ConfigurationError(
            "no catalog to work on: run make up, or set NIGHTREEL_CATALOG_DSN to your own in .env"
        )
    return embedded(stack)


def embedded(stack: "Stack") -> Deployment:
    """The deployment of a stack that was started, whatever other one the settings name."""
    from nightreel.local.addresses import StackRecord
    from nightreel.settings import load_settings

    addresses = StackRecord.read(stack.home).addresses
    variables = stack.settings_environment()
    if addresses is not None:
        variables |= {
            "NIGHTREEL_AIRFLOW_URL": addresses.airflow_url,
            "NIGHTREEL_AIRFLOW_USERNAME": addresses.username,
            "NIGHTREEL_AIRFLOW_PASSWORD": addresses.password,
        }
    return Deployment(load_settings(**_as_arguments(variables)))


def _as_arguments(variables: Mapping[str, str]) -> dict[str, object]:
    """Environment variables as arguments of the settings, which take precedence over the environment."""
    return {
        name.removeprefix(_PREFIX).lower() if name.startswith(_PREFIX) else name: value
        for name, value in variables.items()
    }
