"""The catalog, the bucket and the Airflow of the settings."""

from dataclasses import dataclass
from urllib.parse import quote

from nightreel.catalog import Catalog, Limits, load_mapping
from nightreel.errors import ConfigurationError
from nightreel.runs.airflow_api import AirflowClient, Login
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings


@dataclass(frozen=True)
class Deployment:
    """A catalog, a bucket and an Airflow that belong together."""

    settings: Settings

    def catalog(self) -> Catalog:
        """Raises ConfigurationError when the connection string or the mapping is wrong."""
        return Catalog.from_dsn(
            self.settings.catalog_dsn.get_secret_value(),
            load_mapping(self.settings.catalog_mapping),
            self.settings.key_secret,
            Limits(self.settings.catalog_statement_seconds, self.settings.catalog_lock_seconds),
        )

    def bucket(self) -> Bucket:
        """Raises ConfigurationError naming the variables that are not set."""
        if not self.settings.r2_public_url:
            raise ConfigurationError(
                "R2_PUBLIC_URL is not set: set it to the URL under which players read the bucket"
            )
        return Bucket(
            client_from_settings(self.settings), self.settings.r2_bucket_name, self.settings.r2_public_url
        )

    def airflow(self, patience: float = 30.0) -> AirflowClient:
        """`patience`: seconds of silence after which it counts as unavailable.

        Raises ConfigurationError naming the variables that are not set.
        """
        return AirflowClient(self.settings.airflow_url, self.airflow_login(), patience)

    def airflow_login(self) -> Login:
        """For clients that share it. Raises ConfigurationError naming the variables that are not set."""
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
        return Login(self.settings.airflow_username, self.settings.airflow_password.get_secret_value())

    def run_page(self, dag_id: str, run_id: str) -> str:
        """Where Airflow shows a run."""
        address = self.settings.airflow_pages_url or self.settings.airflow_url
        return f"{address}/dags/{dag_id}/runs/{quote(run_id)}"
