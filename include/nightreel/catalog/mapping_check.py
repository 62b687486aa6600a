"""Checks that the database has what the mapping names, and that Nightreel may use it."""

from collections.abc import Iterator, Mapping

from nightreel.catalog.connection import Cursor, Row
from nightreel.catalog.mapping import OUTPUTS, CatalogMapping, Columns, TableMapping
from nightreel.catalog.user_rows import relation
from nightreel.errors import ConfigurationError

# pg_type.typcategory, in words.
_TEXT, _NUMBER, _TIME = ("S", "text"), ("N", "a number"), ("D", "a date or time")
_BOOLEAN = ("B", "boolean")
_EXPECTED = {
    "hls_url": _TEXT,
    "dash_url": _TEXT,
    "thumbnail_url": _TEXT,
    "duration_seconds": _NUMBER,
    "source_bytes": _NUMBER,
    "source_duration": _NUMBER,
    "created_at": _TIME,
    "value": _NUMBER,
    "encrypt": _BOOLEAN,
}
_REQUIRED = {name for name, field in Columns.model_fields.items() if field.is_required()}


def check_mapping(cursor: Cursor, mapping: CatalogMapping) -> None:
    """Raises ConfigurationError naming each missing table, column and right, and the cure."""
    faults = [
        fault
        for content_type, table in mapping.content_types.items()
        for fault in _table_faults(cursor, content_type, table)
    ]
    if faults:
        raise ConfigurationError("the catalog mapping does not fit the database:\n- " + "\n- ".join(faults))


def _table_faults(cursor: Cursor, content_type: str, table: TableMapping) -> Iterator[str]:
    # Not from information_schema, because to_regclass honours the search path, and pg_attribute
    # shows columns that the role may not read.
    name = relation(table).as_string(cursor)
    cursor.execute("SELECT to_regclass(%s)::oid AS oid", (name,))
    (found,) = cursor.fetchall()
    if found["oid"] is None:
        yield (
            f"{content_type}: there is no table {table.table}; create it, "
            f"or correct content_types.{content_type}.table"
        )
        return
    cursor.execute(
        "SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,"
        " y.typcategory AS category,"
        " has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable,"
        " has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS writable"
        " FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid"
        " WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (found["oid"],),
    )
    columns = {row["name"]: row for row in cursor.fetchall()}
    roles = {role: column for role, column in table.columns if column is not None}
    if table.order_by is not None:
        roles["order_by"] = table.order_by
    for role, column in roles.items():
        if column not in columns:
            yield _missing(content_type, table, role, column, list(columns))
        else:
            yield from _column_faults(content_type, table, role, columns[column])
    yield from _mark_faults(content_type, table, columns)


def _mark_faults(content_type: str, table: TableMapping, columns: Mapping[str, Row]) -> Iterator[str]:
    """A shorter text would be refused, and a version of another type could not be compared."""
    mapped = table.columns
    mark, version = columns.get(mapped.converted_from or ""), columns.get(mapped.converted_version or "")
    like = columns.get(mapped.source_version or "")
    if mark is not None and mark["type"] != "text":
        yield f"{_where(content_type, table, 'converted_from', mark)} is {mark['type']} and must be text"
    if version is not None and like is not None and version["type"] != like["type"]:
        yield (
            f"{_where(content_type, table, 'converted_version', version)} is {version['type']} and must be "
            f"{like['type']}, like {like['name']}"
        )


def _where(content_type: str, table: TableMapping, role: str, column: Row) -> str:
    return f"{content_type}: column {column['name']} of {table.table}, mapped as {role},"


def _missing(content_type: str, table: TableMapping, role: str, column: str, present: list[str]) -> str:
    entry = f"content_types.{content_type}." + ("order_by" if role == "order_by" else f"columns.{role}")
    cure = f"correct {entry}" if role in _REQUIRED else f"add the column, or leave {entry} out"
    return (
        f"{content_type}: table {table.table} has no column {column}, mapped as {role}; {cure} "
        f"(it has {', '.join(present)})"
    )


def _column_faults(content_type: str, table: TableMapping, role: str, column: Row) -> Iterator[str]:
    where = _where(content_type, table, role, column)
    if role == "id" and column["category"] not in "NS" and column["type"] != "uuid":
        yield f"{where} is {column['type']}, which cannot be part of a URL; map an integer, a uuid or a text"
    category, words = _EXPECTED.get(role, (column["category"], ""))
    if column["category"] != category:
        yield f"{where} is {column['type']} and must be {words}; map another column, or leave {role} out"
    if not column["readable"]:
        yield (
            f'{where} may not be read; GRANT SELECT ("{column["name"]}") ON {table.table} '
            "to the catalog's role"
        )
    if role in OUTPUTS and not column["writable"]:
        yield (
            f'{where} may not be written; GRANT UPDATE ("{column["name"]}") ON {table.table} '
            "to the catalog's role"
        )
