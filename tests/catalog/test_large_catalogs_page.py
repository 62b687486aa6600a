"""The statements that docs/large-catalogs.md gives to the owners of large tables."""

import re

from nightreel.catalog import Catalog
from nightreel.places import PROJECT_ROOT
from tests.catalog.conftest import Database, scanned
from tests.catalog.test_marks import published, set_url, with_marks
from tests.conftest import run_sql

PAGE = PROJECT_ROOT / "docs" / "large-catalogs.md"


def test_they_mark_what_is_published_and_make_the_index_and_convert_nothing_again(
    catalog: Catalog, database: Database
) -> None:
    titles = [published(catalog, database.add_movie(number)) for number in (1, 2)]
    set_url(database, titles[1], "better.mp4")
    database.add_movie(3)
    # A trigger that moves the version of every row that is written.
    database.query(
        "CREATE TRIGGER touch BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION source_was_updated()"
    )
    columns, marks, index = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    marked = Catalog.from_dsn(database.dsn, with_marks(catalog.mapping))
    run_sql(database.dsn, columns, marks)
    (advice,) = marked.schema.scan_advice()
    run_sql(database.dsn, *index.removesuffix(";\n").split(";\n"), advice.statement)
    (as_documented, as_advised) = database.query(
        "SELECT replace(pg_get_indexdef(indexrelid), indexrelid::regclass::text, '') AS index FROM pg_index"
        " WHERE indrelid = 'movies'::regclass AND indpred IS NOT NULL"
    )
    assert as_documented == as_advised
    assert marked.schema.scan_advice() == []
    assert scanned(marked) == scanned(catalog) == ["movie 2", "movie 3"]
    assert database.query("SELECT id FROM movies WHERE converted_from IS NOT NULL") == [{"id": 1}]
