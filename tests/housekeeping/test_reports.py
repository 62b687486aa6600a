"""A validation report goes with its release, but stays for a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from nightreel.catalog import Catalog
from nightreel.housekeeping.releases import TitleRelease
from nightreel.housekeeping.reports import delete_old_reports
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database
from tests.housekeeping.conftest import published_twice

TITLE = Title("movie", "7")
REFUSED = "20260101T000000-00000001"
MONTH = timedelta(days=30)
NOW = timedelta(seconds=-5)


def write(reports: Path, title: Title, release: str) -> Path:
    page = reports / title.content_type / title.content_id / release / "validations" / "hls" / "1.html"
    page.parent.mkdir(parents=True)
    page.write_text("a page")
    return page


def test_the_report_of_a_release_that_is_gone_or_was_refused_goes_and_its_folders_with_it(
    catalog: Catalog, tmp_path: Path
) -> None:
    write(tmp_path, TITLE, REFUSED)
    assert delete_old_reports(catalog, tmp_path, MONTH) == [TitleRelease(TITLE, REFUSED)]
    assert list(tmp_path.iterdir()) == []


def test_a_young_report_stays(catalog: Catalog, tmp_path: Path) -> None:
    page = write(tmp_path, TITLE, f"{datetime.now(UTC):%Y%m%dT%H%M%S}-00000001")
    assert delete_old_reports(catalog, tmp_path, MONTH) == []
    assert page.exists()


def test_the_report_of_a_release_that_lies_in_the_bucket_stays(
    catalog: Catalog, database: Database, bucket: Bucket, tmp_path: Path
) -> None:
    title, old, new = published_twice(catalog, database, bucket, 1)
    pages = [write(tmp_path, title, release) for release in (old, new)]
    assert delete_old_reports(catalog, tmp_path, NOW) == []
    catalog.releases.mark_deleted(title, old)
    assert delete_old_reports(catalog, tmp_path, NOW) == [TitleRelease(title, old)]
    assert [page.exists() for page in pages] == [False, True]


def test_what_is_no_report_and_what_a_link_leads_to_stays(catalog: Catalog, tmp_path: Path) -> None:
    reports, elsewhere = tmp_path / "reports", tmp_path / "elsewhere"
    kept = write(elsewhere, TITLE, REFUSED)
    reports.mkdir()
    (reports / "movie").symlink_to(elsewhere / "movie")
    others = [
        reports / "notes" / "7" / "read.me",
        reports / "movie.txt",
        reports / "a b" / "7" / REFUSED / "x",
    ]
    for other in others:
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("of another program")
    assert delete_old_reports(catalog, reports, MONTH) == []
    assert kept.exists()
    assert all(other.exists() for other in others)


def test_where_no_report_was_ever_written_there_is_none(catalog: Catalog, tmp_path: Path) -> None:
    assert delete_old_reports(catalog, tmp_path / "nowhere", MONTH) == []


def test_a_title_keeps_the_reports_of_its_other_releases(catalog: Catalog, tmp_path: Path) -> None:
    young = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-00000001"
    for number in range(3):
        write(tmp_path, TITLE, f"20260101T00000{number}-00000001")
    page = write(tmp_path, TITLE, young)
    assert len(delete_old_reports(catalog, tmp_path, MONTH)) == 3
    assert page.exists()
