"""The demo's tables, which stand in for a user's own: `movies` and `episodes`."""

from pathlib import Path

import psycopg2.extensions

_TABLES = Path(__file__).with_name("demo.sql")


def create_demo_tables(connection: psycopg2.extensions.connection) -> None:
    """Creates the tables where they are missing, and commits."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_TABLES.read_text(encoding="utf-8"))
