"""The deployment brought up again, and taken down; after all that uses it."""

from tests.compose.conftest import timed
from tests.compose.deployment import Deployment


def test_up_again_changes_nothing(whole: Deployment) -> None:
    before = whole.titles(), _ids(whole)
    with timed("docker compose up --build --wait, again"):
        whole.up()
    assert (whole.titles(), _ids(whole)) == before


def test_down_with_volumes_leaves_nothing(deployment: Deployment) -> None:
    assert deployment.left_over()
    with timed("docker compose down --volumes"):
        deployment.down()
    assert deployment.left_over() == []


def _ids(deployment: Deployment) -> set[str]:
    """Of the containers that stay."""
    return {container["ID"] for container in deployment.containers() if container["State"] == "running"}
