"""Which pool the encodes of a run wait in. Airflow reads the policy from the installed package."""

from nightreel.vocabulary.title import Title
from tests.orchestration.runs import Run


def test_a_persons_title_is_encoded_in_a_place_that_no_night_takes(published: tuple[Title, Run]) -> None:
    _, run = published
    assert run.id.startswith("manual__")
    assert {task.pool for task in run.tasks if task.task_id == "transcode"} == {"encode_manual"}
    assert {task.pool for task in run.tasks if task.task_id == "upload"} == {"upload"}
