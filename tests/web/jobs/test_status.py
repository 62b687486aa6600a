"""What a client is told of a job, from its place in the queue to its end."""

import asyncio
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from nightreel.catalog import Claim
from nightreel.runs.airflow_api import AirflowClient
from nightreel.web.access import Caller
from nightreel.web.jobs.looks import JobLooks
from nightreel.web.services import Services
from tests.catalog.conftest import RESULT, Database
from tests.web.jobs.conftest import StagedRun

READER = Caller("a reader", frozenset({"read"}))


def seen_anew(services: Services, run_id: str) -> dict[str, object]:
    """What a server says that was just started: it remembers no look."""
    status = asyncio.run(JobLooks().status(services, READER, run_id))
    assert status is not None
    return status.model_dump(mode="json", exclude_none=True)


def test_a_job_that_waits_is_queued_under_its_title(reader: TestClient, queued: StagedRun) -> None:
    answer = reader.get(f"/api/v1/video/processing-status/{queued.run_id}")
    assert answer.status_code == 200
    assert answer.json() == {
        "job_id": queued.run_id,
        "status": "queued",
        "progress": 0,
        "message": "Queued.",
        "content_type": "movie",
        "content_id": int(queued.title.content_id),
        "steps": [],
        "run_page": f"/dags/convert_title/runs/{queued.run_id}",
    }


def test_a_job_at_work_says_how_far_its_encoding_is(services: Services, queued: StagedRun) -> None:
    queued.begin(seconds_ago=60)
    queued.claim()
    for done in ("claim", "fetch", "plan"):
        queued.task(done, "success")
    queued.expand("720p", "audio en")
    queued.encode(0, 50.0)
    status = seen_anew(services, queued.run_id)
    assert status["status"] == "processing"
    # Half of nearly all of the encoding, which is most of the work; and what went before.
    assert 40 <= int(str(status["progress"])) <= 50
    assert status["message"] == f"Transcoding... {status['progress']}%"
    # Somewhat more than the minute that the first half took; the more, the slower this machine.
    assert int(str(status["eta_seconds"])) > 60
    steps = {(step["name"], step.get("label")): step for step in status["steps"]}  # type: ignore[attr-defined]
    assert steps["plan", None]["state"] == "done"
    assert (steps["transcode", "720p"]["state"], steps["transcode", "720p"]["percent"]) == ("running", 50)
    assert steps["transcode", "audio en"]["state"] == "waiting"


def test_the_percentage_stays_when_the_work_is_tried_again_and_the_server_was_started_anew(
    services: Services, queued: StagedRun
) -> None:
    queued.begin()
    for done in ("claim", "fetch", "plan"):
        queued.task(done, "success")
    queued.expand("720p")
    queued.encode(0, 90.0)
    before = seen_anew(services, queued.run_id)["progress"]
    queued.task("transcode", "up_for_retry", 0)
    assert seen_anew(services, queued.run_id)["progress"] == before
    queued.airflow.query("UPDATE dag_run SET state = 'queued' WHERE run_id = %s", queued.run_id)
    waiting = seen_anew(services, queued.run_id)
    assert (waiting["status"], waiting["progress"]) == ("queued", before)


def test_a_run_whose_tasks_are_all_done_is_not_complete_before_its_title_is_published(
    services: Services, queued: StagedRun
) -> None:
    queued.begin()
    queued.claim()
    queued.airflow.query("UPDATE task_instance SET state = 'success' WHERE run_id = %s", queued.run_id)
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["progress"]) == ("processing", 99)


def test_a_published_job_has_the_result_that_plays(services: Services, queued: StagedRun) -> None:
    queued.begin()
    claim = queued.claim()
    queued.catalog.leases.record_timings(
        claim, {"transcode 720p": {"began": 1_700_000_000.0, "seconds": 30.0}}
    )
    queued.publish(claim)
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert status["message"] == "Processing complete!"
    assert status["result"] == {
        "hls_url": RESULT.hls_url,
        "dash_url": RESULT.dash_url,
        "thumbnail_url": RESULT.poster_url,
        "duration": 60.4,
        "variants": [
            {
                "quality": "360p",
                "bandwidth": 900_000,
                "resolution": "640x360",
                "codecs": "avc1.64001e,mp4a.40.2",
            }
        ],
        "files_uploaded": 42,
        "bytes": 123_456_789_012,
        "processing_time_seconds": 12.5,
        "release": claim.release,
        "complete": True,
    }
    assert status["steps"] == [
        {
            "name": "transcode",
            "label": "720p",
            "state": "done",
            "started_at": "2023-11-14T22:13:20Z",
            "ended_at": "2023-11-14T22:13:50Z",
        }
    ]


def test_a_job_that_published_a_first_release_says_what_is_still_to_come_until_it_is_there(
    services: Services, queued: StagedRun
) -> None:
    queued.begin()
    queued.publish(queued.claim(), replace(RESULT, complete=False))
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert status["message"] == "It plays; the other renditions follow."
    assert status["result"]["complete"] is False  # type: ignore[index]
    later = StagedRun(queued.airflow, queued.catalog, queued.title, f"{queued.run_id}_later")
    later.publish(later.claim())
    status = seen_anew(services, queued.run_id)
    assert (status["message"], status["result"]["complete"]) == ("Processing complete!", True)  # type: ignore[index]


def test_a_title_that_was_published_before_completes_a_job_that_skips_it(
    services: Services, queued: StagedRun, database: Database
) -> None:
    earlier = StagedRun(queued.airflow, queued.catalog, queued.title, f"{queued.run_id}_before")
    earlier.publish(earlier.claim())
    queued.end("success")
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert status["result"]["hls_url"] == RESULT.hls_url  # type: ignore[index]


def test_a_source_that_proves_to_be_the_published_one_completes_its_job_with_what_plays(
    services: Services, queued: StagedRun, database: Database
) -> None:
    def fetched(run: StagedRun) -> Claim:
        claim = run.claim()
        run.catalog.leases.record_source(claim, claim.source_url, 5_000_000, "etag", "ab" * 32)
        return claim

    earlier = StagedRun(queued.airflow, queued.catalog, queued.title, f"{queued.run_id}_before")
    earlier.publish(fetched(earlier))
    database.query("UPDATE movies SET video_url = 'moved.mp4' WHERE id = %s", int(queued.title.content_id))
    queued.begin()
    assert queued.catalog.verdicts.end_unchanged(fetched(queued))
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert status["message"] == "The source has not changed; the stream stays as it is."
    assert status["result"]["hls_url"] == RESULT.hls_url  # type: ignore[index]
    assert status["result"]["processing_time_seconds"] == RESULT.processing_seconds  # type: ignore[index]


def test_a_refused_title_fails_its_job_with_the_reason(services: Services, queued: StagedRun) -> None:
    queued.begin()
    queued.catalog.verdicts.quarantine(queued.claim(), "no_video", "the source has no picture")
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["error"]) == ("failed", "the source has no picture")
    assert status["reason_code"] == "no_video"
    assert int(str(status["progress"])) < 100


def test_a_job_whose_run_airflow_forgot_is_answered_from_its_attempt(
    services: Services, queued: StagedRun
) -> None:
    queued.begin()
    claim = queued.claim()
    queued.forget()
    assert seen_anew(services, queued.run_id)["status"] == "processing"
    queued.catalog.verdicts.expire(claim.token)
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["reason_code"]) == ("failed", "claim_expired")
    assert status["error"] == "the run was deleted, or ended without reporting"


def test_a_run_that_ended_without_a_verdict_fails_its_job(services: Services, queued: StagedRun) -> None:
    queued.claim()
    queued.end("failed")
    status = seen_anew(services, queued.run_id)
    assert status["status"] == "failed"
    assert "back in the backlog" in str(status["error"])


def test_a_run_that_could_not_claim_its_title_says_whose_it_is(services: Services, queued: StagedRun) -> None:
    StagedRun(queued.airflow, queued.catalog, queued.title, "another_run").claim()
    queued.end("failed")
    status = seen_anew(services, queued.run_id)
    assert (status["status"], status["reason_code"]) == ("failed", "claimed")


def test_a_night_that_has_reserved_a_title_is_no_job(
    reader: TestClient, services: Services, database: Database
) -> None:
    title = database.add_movie(8999)
    services.catalog.claims.of_night([title], "scheduled__a_night", services.settings.lease)
    assert reader.get("/api/v1/video/processing-status/scheduled__a_night").status_code == 404


@pytest.mark.parametrize("run_id", ["unknown", "a" * 250, "manual__2026-11-21T10:00:00+00:00"])
def test_a_job_that_nobody_knows_is_not_found(reader: TestClient, run_id: str) -> None:
    answer = reader.get(f"/api/v1/video/processing-status/{run_id}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("run_id", ["~", "%00", "a b", "é", "a" * 251, ".."])
def test_what_is_no_job_id_is_refused_before_anybody_is_asked(reader: TestClient, run_id: str) -> None:
    assert reader.get(f"/api/v1/video/processing-status/{run_id}").status_code in (404, 422)


def test_fifty_who_follow_a_job_cost_one_look_at_airflow(services: Services, queued: StagedRun) -> None:
    looks = 0

    def counted(caller: Caller) -> AirflowClient:
        nonlocal looks
        looks += 1
        return services.airflow(caller)

    async def follow() -> set[str]:
        looks, watched = JobLooks(), replace(services, airflow=counted)
        found = await asyncio.gather(*(looks.status(watched, READER, queued.run_id) for _ in range(50)))
        return {status.status for status in found if status is not None}

    assert asyncio.run(follow()) == {"queued"}
    assert looks == 1
