"""The catalog that is measured is one in which Nightreel finds its way."""

from datetime import timedelta

from bench.catalogs import Size, fill
from nightreel.catalog import Catalog


def test_a_made_catalog_has_as_many_new_titles_as_were_asked_for_with_marks_and_without(
    catalog_dsn: str,
) -> None:
    for mapping in fill(catalog_dsn, Size(titles=2000, new=100)):
        catalog = Catalog.from_dsn(catalog_dsn, mapping)
        assert [row.content_id for row in catalog.backlog.unconverted(2000)] == list(
            map(str, range(1901, 2001))
        )
        assert len(catalog.backlog.incomplete(2000)) == 19
        assert catalog.schema.scan_advice() == []
    assert catalog.attempts.forget(0, timedelta(0)) == 0
    catalog.schema.check_marks()
