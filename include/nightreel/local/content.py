"""The contents of a new stack: the bucket, the catalog's schema and the demo's tables."""

from contextlib import closing

import boto3
import psycopg2

from nightreel.catalog import Catalog, create_demo_tables, load_mapping
from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import Credentials
from nightreel.settings import Settings
from nightreel.vocabulary.scopes import SCOPES

_KEY_NAME = "the stack's own"


def create_bucket(addresses: StackAddresses, keys: Credentials) -> None:
    """Creates the bucket unless it exists."""
    client = boto3.client(
        "s3",
        endpoint_url=addresses.s3_endpoint,
        aws_access_key_id=keys.s3_access_key,
        aws_secret_access_key=keys.s3_secret_key,
        region_name="auto",
    )
    existing = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    if addresses.bucket not in existing:
        client.create_bucket(Bucket=addresses.bucket)


def create_catalog(addresses: StackAddresses, options: Settings) -> None:
    """Applies the catalog's migrations and creates the demo's tables; safe to run again."""
    with closing(psycopg2.connect(addresses.catalog_dsn)) as connection:
        create_demo_tables(connection)
    _catalog(addresses, options).schema.migrate()


def with_web_key(addresses: StackAddresses, options: Settings) -> StackAddresses:
    """The addresses with a valid API key: that of the last start, or a new one."""
    catalog = _catalog(addresses, options)
    if catalog.api_keys.find(addresses.web_key):
        return addresses
    _, key = catalog.api_keys.make(_KEY_NAME, SCOPES)
    return addresses.model_copy(update={"web_key": key})


def _catalog(addresses: StackAddresses, options: Settings) -> Catalog:
    return Catalog.from_dsn(addresses.catalog_dsn, load_mapping(options.catalog_mapping))
