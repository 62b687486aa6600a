"""Whether the user's row holds what was written into it.

An update that reports one row does not prove that: a trigger may put another value back, before
the row is written, after it, or at the end of the transaction.
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
    """The columns of the title's rows that do not hold what was written, with what they hold instead.

    `written` has the values by role. URLs alone are compared: what is kept of a length is up to the
    type of its column. Nothing differs where there is no row.
    """
    columns = {role: column for role, column in table.columns.outputs.items() if role in _URLS}
    columns = {role: column for role, column in columns.items() if role in written}
    if not columns:
        return []
    # As text: a column of fixed length (char) fills up with blanks, which its text leaves out.
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
