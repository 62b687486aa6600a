"""What a newcomer sees: the demo, its table, its streams in three players, and what went wrong told."""

from pathlib import Path

import pytest

from tests.players.conftest import browser, page, players_site
from tests.players.driver import Player, play
from tests.stack.demo_stack import DemoStack, eventually

__all__ = ["browser", "page", "players_site"]

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

PUBLISHED = ("Shapes and tones", "Big Buck Bunny", "Bikes, silent", "Patterns, part one")
KEYS = {
    "content_type", "content_id", "title", "state", "reason", "hls_url", "dash_url", "poster_url",
    "duration_seconds", "variants", "files_uploaded", "bytes", "processing_seconds", "release", "attempts",
}  # fmt: skip


def test_the_demo_exits_0_and_shows_every_title(demo: DemoStack) -> None:
    assert demo.exit_code == 0, demo.printed[-4000:]
    for name in (*PUBLISHED, "Cut short"):
        assert name in demo.printed


def test_every_whole_sample_is_published_with_all_that_a_client_needs(demo: DemoStack) -> None:
    for name in PUBLISHED:
        title = demo.title(name)
        assert title.keys() >= KEYS
        assert title["state"] == "published"
        assert title["variants"]
        assert title["files_uploaded"] > 0
        assert title["bytes"] > 0


def test_the_truncated_sample_is_quarantined_with_a_sentence(demo: DemoStack) -> None:
    title = demo.title("Cut short")
    assert title["state"] == "quarantined"
    assert "ends early" in title["reason"]
    assert title["hls_url"] is None


def test_the_1080p_sample_has_every_rung_up_to_its_height(demo: DemoStack) -> None:
    variants = demo.title("Shapes and tones")["variants"]
    assert [each["quality"] for each in variants] == ["240p", "360p", "480p", "720p", "1080p"]


def test_nothing_is_left_in_the_work_area(demo: DemoStack) -> None:
    assert demo.work_left() == []


def test_no_dag_has_an_import_error(demo: DemoStack) -> None:
    with demo.stack.client() as airflow:
        assert airflow.import_errors() == []


def test_what_is_published_passes_the_gate_again_over_http(demo: DemoStack) -> None:
    title = demo.title("Big Buck Bunny")
    answer = demo.nightreel("verify", title["content_type"], title["content_id"])
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_missed_deadline_is_recorded_on_the_title_and_in_the_log(demo: DemoStack) -> None:
    # Every conversion takes longer than the deadline that this stack was given.
    def missed() -> bool:
        catalog = _catalog(demo)
        return any(title.deadline_missed_at for title in catalog.titles.status())

    assert eventually(missed, 60, "a missed deadline")
    logs = eventually(lambda: _lines_about_misses(demo.home.logs), 60, "a line in a log")
    assert "missed its deadline" in logs[0]


@pytest.mark.browser
@pytest.mark.parametrize("player", ["hls.js", "dash.js", "shaka"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_title_plays_in_every_variant(
    demo: DemoStack,
    page: object,
    players_site: str,
    player: Player,
    name: str,
) -> None:
    title = demo.title(name)
    url = title["dash_url"] if player == "dash.js" else title["hls_url"]
    # Patient: decoding 1080p in software beside a whole Airflow takes its time on two cores.
    report = play(page, player, url, site=players_site, patience_seconds=120)  # type: ignore[arg-type]
    assert report.plays, report.errors
    assert len(report.variants_reached) == len(title["variants"])


def _catalog(demo: DemoStack):  # type: ignore[no-untyped-def]
    from nightreel.catalog import Catalog, load_mapping
    from nightreel.settings import load_settings

    address = demo.stack.status().addresses
    assert address is not None
    return Catalog.from_dsn(address.catalog_dsn, load_mapping(load_settings().catalog_mapping))


def _lines_about_misses(folder: Path) -> list[str]:
    return [
        line
        for log in folder.rglob("*.log*")
        for line in log.read_text(errors="replace").splitlines()
        if "missed its deadline" in line
    ]
