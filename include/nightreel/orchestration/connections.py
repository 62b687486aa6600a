"""The catalog and the bucket, through Airflow's connections."""

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg2
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.bases.hook import BaseHook
from psycopg2.extras import RealDictCursor

from nightreel.catalog import Catalog, Limits, load_mapping
from nightreel.catalog.connection import PARAMETERS
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def open_catalog(settings: Settings) -> Catalog:
    """The catalog of the connection NIGHTREEL_CATALOG_CONNECTION.

    The connection's extra fields are libpq parameters (`sslmode`, `application_name`, …).
    """
    connection = BaseHook.get_connection(settings.catalog_connection)
    parameters: dict[str, Any] = {
        "host": connection.host,
        "port": connection.port,
        "user": connection.login,
        "password": connection.password,
        "dbname": connection.schema,
        **PARAMETERS,
        **connection.extra_dejson,
    }
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    connect = partial(psycopg2.connect, cursor_factory=RealDictCursor, **given)
    limits = Limits(settings.catalog_statement_seconds, settings.catalog_lock_seconds)
    return Catalog(connect, load_mapping(settings.catalog_mapping), settings.key_secret, limits)


def open_client(settings: Settings) -> "S3Client":
    """boto3's S3 client of the connection NIGHTREEL_BUCKET_CONNECTION."""
    client: S3Client = S3Hook(aws_conn_id=settings.bucket_connection).get_conn()
    return client


def open_bucket(settings: Settings) -> Bucket:
    """The bucket R2_BUCKET_NAME through the same connection."""
    return Bucket(open_client(settings), settings.r2_bucket_name, settings.r2_public_url)
