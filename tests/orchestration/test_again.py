"""A title that was converted before: left alone, or made anew on request."""

from pathlib import Path

import httpx
import pytest

from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert

Published = tuple[Title, Run]


def test_a_published_title_whose_source_is_unchanged_is_skipped(
    published: Published, installation: Installation
) -> None:
    title, _ = published
    before = installation.conversion(title)
    run = convert(title)
    assert run.state == "success"
    assert set(run.states.values()) == {"skipped"}
    assert installation.conversion(title) == before


class TestForce:
    """One forced run, whose ladder is limited, of a title that is published."""

    @pytest.fixture(scope="class")
    def title(self, installation: Installation, film: Path) -> Title:
        return installation.add_movie(20, film)

    @pytest.fixture(scope="class")
    def first(self, title: Title, installation: Installation) -> str:
        convert(title)
        return str(installation.conversion(title)["release"])

    @pytest.fixture(scope="class")
    def second(self, title: Title, first: str, installation: Installation) -> str:
        assert convert(title, force=True, ladder=["240p"]).state == "success"
        return str(installation.conversion(title)["release"])

    def test_it_gets_a_new_release(self, first: str, second: str) -> None:
        assert second > first

    def test_no_report_is_kept_of_what_passed_where_only_those_of_refusals_are_wanted(
        self, title: Title, second: str, installation: Installation
    ) -> None:
        assert installation.settings.validation_reports == "refused"
        assert not (installation.settings.reports / "movie" / title.content_id / second).exists()

    def test_a_viewer_of_the_old_release_still_gets_every_file_of_it(
        self, title: Title, first: str, second: str, installation: Installation
    ) -> None:
        manifest = installation.manifest(title, first)
        with httpx.Client(trust_env=False) as viewer:
            for file in manifest.files:
                answer = viewer.head(installation.bucket.public_url_of(manifest.key_of(file.name)))
                assert answer.status_code == httpx.codes.OK

    def test_the_old_release_is_remembered_as_superseded(
        self, title: Title, first: str, second: str, installation: Installation
    ) -> None:
        rows = installation.query(
            "SELECT release, superseded_at IS NOT NULL AS superseded FROM nightreel.releases"
            " WHERE content_type = 'movie' AND content_id = %s ORDER BY release",
            title.content_id,
        )
        assert rows == [{"release": first, "superseded": True}, {"release": second, "superseded": False}]

    def test_only_the_renditions_asked_for_are_made(
        self, title: Title, first: str, second: str, installation: Installation
    ) -> None:
        def pictures(of: str) -> set[str]:
            return {name for name in installation.files(title, of) if name.endswith("p.m3u8")}

        assert pictures(first) >= {"stream_240p.m3u8", "stream_360p.m3u8"}
        assert pictures(second) == {"stream_240p.m3u8", "iframe_240p.m3u8"}
