"""docker-compose.yaml and the Dockerfile, unmodified, on a real Docker Engine: `make compose-test`.

In this order: the first tests look at what came up, and the night then publishes two titles. The
modules that follow break it, bring it up again and take it down.
"""

from typing import Any, get_args

import httpx
import pytest
from playwright.sync_api import Browser

from nightreel.media.programs.binaries import find_binaries
from tests.compose.conftest import timed
from tests.compose.deployment import WORKERS, Deployment
from tests.deploy import compose
from tests.media.clips import Clip, Sound
from tests.players.chromium import chromium, find_chromium
from tests.players.driver import Player, play
from tests.players.site import players_site

_CLIPS = {
    "landscape": Clip(picture="testsrc2=size=640x360:rate=25", seconds=12, sounds=(Sound(seconds=12),)),
    "portrait": Clip(picture="testsrc2=size=240x426:rate=30", seconds=9, sounds=(Sound(seconds=9),)),
}


@pytest.fixture(scope="module")
def published(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Two titles, added and converted as README says; what `nightreel status --json` says of them."""
    folder = tmp_path_factory.mktemp("clips")
    for name, clip in _CLIPS.items():
        file = clip.write(folder / f"{name}.mp4", find_binaries().ffmpeg)
        deployment.compose("cp", file, "airflow-worker:/tmp/")
        deployment.nightreel("add", f"/tmp/{file.name}", "--type", "movie")
    with timed("the night of two clips"):
        deployment.nightreel("backlog", "--wait")
    return deployment.titles()


def test_every_service_is_healthy_or_done(deployment: Deployment) -> None:
    found = {
        (container["Service"], container["Health"] or f"ended with {container['ExitCode']}")
        for container in deployment.containers()
    }
    on_demand = {"flower", "proxy"}
    assert found == {
        (name, "ended with 0" if name in compose.ONE_SHOT else "healthy")
        for name in compose.services().keys() - on_demand
    }


def test_the_image_keeps_no_cache_of_what_installed_it(deployment: Deployment) -> None:
    listed = deployment.compose(
        "run", "--rm", "--no-deps", "-T", "--entrypoint=ls", "web", "-A", "/home/airflow"
    )
    assert ".local" in listed.split()
    assert not {".npm", ".cache"} & set(listed.split())


def test_the_administrator_logs_in(deployment: Deployment) -> None:
    assert deployment.airflow("/api/v2/dags")["total_entries"] == 3


def test_nightreel_check_finds_nothing_wrong_in_a_container(deployment: Deployment) -> None:
    lines = deployment.nightreel("check").splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == []


def test_the_web_app_takes_the_key_that_readme_has_made(deployment: Deployment) -> None:
    made = deployment.compose(
        "exec", "-T", "web", "nightreel", *["api-key", "create", "--name", "me", "--scope", "read"]
    )
    address = f"http://127.0.0.1:{deployment.ports.web}/videos"
    assert httpx.get(address).status_code == httpx.codes.UNAUTHORIZED
    assert httpx.get(address, headers={"ApiKey": made.split()[0]}).status_code == httpx.codes.OK


def test_the_night_publishes_what_was_added(published: list[dict[str, Any]]) -> None:
    assert [(title["title"], title["state"]) for title in published] == [
        (name, "published") for name in _CLIPS
    ]


def test_the_tasks_of_the_night_ran_on_every_worker(
    deployment: Deployment, published: list[dict[str, Any]]
) -> None:
    tasks = deployment.airflow("/api/v2/dags/~/dagRuns/~/taskInstances?limit=100")["task_instances"]
    assert published
    assert len({task["hostname"] for task in tasks if task["hostname"]}) == WORKERS


def test_what_is_published_passes_when_it_is_read_from_a_container(
    deployment: Deployment, published: list[dict[str, Any]]
) -> None:
    for title in published:
        assert deployment.nightreel("verify", "movie", str(title["content_id"])).rstrip().endswith("passed")


@pytest.mark.parametrize("player", get_args(Player))
def test_what_is_published_plays_in_a_browser_of_this_machine(
    published: list[dict[str, Any]], player: Player
) -> None:
    executable = find_chromium()
    assert executable is not None, "no Chromium here; on Debian: apt install chromium"
    with players_site() as site, chromium(executable) as browser:
        for title in published:
            _assert_plays(browser, site, player, title)


def _assert_plays(browser: Browser, site: str, player: Player, title: dict[str, Any]) -> None:
    manifest = title["hls_url" if player == "hls.js" else "dash_url"]
    with browser.new_page() as page:
        report = play(page, player, manifest, site=site, patience_seconds=120)
    assert report.plays, report.errors
