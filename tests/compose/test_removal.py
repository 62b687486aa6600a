"""The deployment brought up again, and taken down; after all that uses it."""

from tests.compose.conftest import timed
from tests.compose.deployment import Deployment


def test_up_again_changes_nothing(deployment: Deployment) -> None:
    before = deployment.titles()
    with timed("docker compose up --build --wait, again"):
        deployment.up()
    assert deployment.titles() == before


def test_down_with_volumes_leaves_nothing(deployment: Deployment) -> None:
    assert deployment.left_over()
    with timed("docker compose down --volumes"):
        deployment.compose("down", "--volumes")
    assert deployment.left_over() == []
