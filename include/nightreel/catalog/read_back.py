"""Checks that the user's row has what was written into it.

An update that reports one row does not prove that: a trigger may write another value before or after the
row is written, or at the end of the transaction.
"""

from collections.abc import Mapping

from psycopg2 import sql

from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import TableMapping
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.title import Title

_URLS = ("hls_url", "dash_url", "thumbnail_url")


def differences(
    cursor: Cursor, table: TableMapping, title: Title, written: Mapping[str, object]
) -> list[str]:
    """The columns of the title's rows that do not have what was written, with what they have instead.

    `written` has the values by role. Only URLs are compared, because how a length is stored depends on
    its column's type. Nothing differs if there is no row.
    """
    columns = {role: column for role, column in table.columns.outputs.items() if role in _URLS}
    columns = {role: column for role, column in columns.items() if role in written}
    if not columns:
        return []
    # As text, because a column of fixed length (char) is padded with blanks, which its text omits.
    shown = sql.SQL(", ").join(
        sql.SQL("t.{}::text AS {}").format(sql.Identifier(column), sql.Identifier(role))
        for role, column in columns.items()
    )
    cursor.execute(
        sql.SQL("SELECT {shown} FROM {relation} t WHERE {id} = ANY(%s)").format(
            **fragments(table), shown=shown
        ),
        (id_array([title.content_id]),),
    )
    return [
        f"{columns[role]} holds {'nothing' if row[role] is None else repr(row[role])}"
        for row in cursor.fetchall()
        for role in columns
        if row[role] != written[role]
    ]
