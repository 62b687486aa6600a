"""A source uploaded in chunks: in any order, twice, at once, and after a restart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nightreel.catalog import Catalog
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.vocabulary.prefixes import UPLOADS
from nightreel.web.access import StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.services import Services
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.uploads.chunks import CHUNK, FILM, begin, cut, digest, finalize, send, upload
from tests.web.uploads.conftest import Left
from tests.web.uploads.files import MIB, video_of


def test_a_client_that_knows_no_hash_uploads_a_new_title(
    client: TestClient, left: Left, airflow_server: AirflowServer
) -> None:
    state = begin(client, description="About", total_chunks=3)
    video_hash = state["video_hash"]
    assert state["status"] == "uploading"
    assert (state["total_chunks"], state["chunk_bytes"], state["resumable"]) == (3, None, False)
    assert (state["uploaded_chunks"], state["missing_chunks"]) == ([], [0, 1, 2])
    for index, chunk in enumerate(cut(FILM)):
        answer = send(client, video_hash, index, chunk)
        assert answer.json() == {
            "message": f"Chunk {index} uploaded.",
            "video_hash": video_hash,
            "received_chunks": index + 1,
        }
    answer = finalize(client, video_hash)
    assert answer.status_code == 200
    body = answer.json()
    movie = left.movie(body["content_id"])
    assert movie == {"title": "The Film", "video_url": body["video_url"]}
    assert left.source(body["content_id"]) == FILM
    assert body["status_endpoint"] == f"/api/v1/video/processing-status/{body['job_id']}"
    with airflow_server.client() as airflow:
        assert airflow.run("convert_title", body["job_id"]).state == "queued"


def test_a_file_may_be_meant_for_a_title_that_is_there(client: TestClient, left: Left) -> None:
    left.database.add_movie(7)
    body = upload(client, content_type="movie", content_id="7").json()
    assert (body["content_type"], body["content_id"]) == ("movie", "7")
    assert left.movie("7") == {"title": "Movie 7", "video_url": body["video_url"]}


def test_an_upload_is_kept_for_the_title_as_its_table_writes_it(client: TestClient, left: Left) -> None:
    left.database.add_movie(8)
    body = upload(client, content_type="movie", content_id="008").json()
    assert body["content_id"] == "8"
    recorded = left.database.query("SELECT content_id FROM nightreel.uploads WHERE content_id LIKE '%%8'")
    assert [row["content_id"] for row in recorded] == ["8"]


def test_the_server_cuts_a_file_whose_size_it_is_told(client: TestClient, left: Left) -> None:
    film = video_of(2 * 8 * MIB + 5, seed=1)
    state = begin(client, size=len(film), total_chunks=99, video_hash=digest(film).upper())
    assert (state["total_chunks"], state["chunk_bytes"]) == (3, 8 * MIB)
    assert state["video_hash"] == digest(film)
    for index, chunk in enumerate(cut(film, state["chunk_bytes"])):
        assert send(client, digest(film), index, chunk).status_code == 200
    assert left.source(finalize(client, digest(film)).json()["content_id"]) == film


@given(data=st.data(), size=st.integers(CHUNK, 3 * CHUNK))
@hypothesis_settings(max_examples=5)
def test_a_file_is_whole_whatever_comes_when_and_how_often(
    client: TestClient, left: Left, data: st.DataObject, size: int
) -> None:
    film = video_of(size, seed=size)
    chunks = dict(enumerate(cut(film)))
    again = data.draw(st.lists(st.sampled_from(sorted(chunks)), max_size=2))
    order = data.draw(st.permutations([*chunks, *again]))
    video_hash = begin(client, total_chunks=len(chunks))["video_hash"]
    for position, index in enumerate(order):
        assert send(client, video_hash, index, chunks[index]).status_code == 200
        state = client.get(f"/videos/upload/{video_hash}").json()
        assert state["uploaded_chunks"] == sorted(set(order[: position + 1]))
        assert state["missing_chunks"] == sorted(set(chunks) - set(order[: position + 1]))
    assert left.source(finalize(client, video_hash).json()["content_id"]) == film


def test_of_a_chunk_that_comes_twice_the_later_one_counts(client: TestClient, left: Left) -> None:
    video_hash = begin(client, total_chunks=2)["video_hash"]
    first, last = cut(FILM)[:2]
    for chunk in (video_of(CHUNK, seed=9), first):
        send(client, video_hash, 0, chunk)
    send(client, video_hash, 1, last)
    assert left.source(finalize(client, video_hash).json()["content_id"]) == first + last


def test_chunks_may_come_at_once(client: TestClient, left: Left) -> None:
    video_hash = begin(client, total_chunks=3)["video_hash"]
    with ThreadPoolExecutor(6) as threads:
        answers = threads.map(lambda each: send(client, video_hash, *each), list(enumerate(cut(FILM))) * 2)
        assert {answer.status_code for answer in answers} == {200}
    assert left.source(finalize(client, video_hash).json()["content_id"]) == FILM


def test_an_upload_goes_on_after_a_restart_where_it_was(
    client: TestClient, services: Services, left: Left
) -> None:
    film = video_of(2 * 8 * MIB, seed=2)
    said = {"size": len(film), "video_hash": digest(film)}
    begin(client, **said)
    chunks = cut(film, 8 * MIB)
    send(client, digest(film), 1, chunks[1])

    catalog = Catalog.from_dsn(left.database.dsn, services.catalog.mapping)
    bucket = Bucket(client_from_settings(services.settings), services.bucket.name, services.bucket.public_url)
    restarted = replace(services, open_catalog=lambda: catalog, open_bucket=lambda: bucket)
    access = StandaloneAccess(restarted.catalog)
    later = TestClient(create_app(restarted, access), headers=client.headers)
    state = begin(later, **said)
    assert (state["uploaded_chunks"], state["missing_chunks"], state["resumable"]) == ([1], [0], True)
    send(later, digest(film), 0, chunks[0])
    assert left.source(finalize(later, digest(film)).json()["content_id"]) == film


def test_finalizing_again_answers_the_same_again(client: TestClient, left: Left) -> None:
    before = len(left.everything()[2])
    answer = upload(client)
    again = finalize(client, answer.json()["video_hash"])
    assert (again.status_code, again.json()["job_id"]) == (200, answer.json()["job_id"])
    assert {**again.json(), "message": ""} == {**answer.json(), "message": ""}
    assert len(left.everything()[2]) == before + 1


def test_a_file_that_is_there_already_is_not_sent_again(client: TestClient, left: Left) -> None:
    film = video_of(CHUNK, seed=3)
    first = upload(client, film, video_hash=digest(film), content_id="41").json()
    objects = left.objects()
    state = begin(client, total_chunks=1, video_hash=digest(film), content_id="42")
    assert (state["status"], state["missing_chunks"], state["uploaded_chunks"]) == ("finished", [], [0])
    second = finalize(client, digest(film)).json()
    assert (second["content_id"], second["video_url"]) == ("42", first["video_url"])
    assert second["job_id"] != first["job_id"]
    assert left.source("42") == film
    assert left.objects() == objects


def test_two_clients_that_announce_the_same_file_for_two_titles_each_get_their_own(
    client_with: ClientWith, left: Left
) -> None:
    film = video_of(CHUNK + 5, seed=30)
    said = {"total_chunks": 2, "video_hash": digest(film)}
    one, other = client_with("upload"), client_with("upload")
    begin(one, content_id="61", **said)
    send(one, digest(film), 0, film[:CHUNK])
    assert begin(other, content_id="62", **said)["missing_chunks"] == [0, 1]
    for sender, index in ((one, 1), (other, 1), (other, 0)):
        assert send(sender, digest(film), index, cut(film)[index]).status_code == 200
    ends = [finalize(each, digest(film)).json()["content_id"] for each in (one, other)]
    assert ends == ["61", "62"]
    assert left.source("61") == left.source("62") == film
    assert left.movie("61")["video_url"] != left.movie("62")["video_url"]


def test_nobody_knows_or_changes_the_upload_of_another(client_with: ClientWith) -> None:
    film = video_of(CHUNK, seed=31)
    one, other = client_with("upload"), client_with("upload")
    name = begin(one, total_chunks=1, video_hash=digest(film), content_id="63")["video_hash"]
    assert other.get(f"/videos/upload/{name}").status_code == 404
    assert send(other, name, 0, film).status_code == 404
    assert finalize(other, name).status_code == 404
    assert one.get(f"/videos/upload/{name}").json()["missing_chunks"] == [0]


def test_a_client_that_sends_the_same_file_for_two_titles_at_once_has_an_upload_for_each(
    client: TestClient, left: Left
) -> None:
    film = video_of(CHUNK, seed=32)
    said = {"total_chunks": 1, "video_hash": digest(film)}
    first = begin(client, content_id="64", **said)["video_hash"]
    second = begin(client, content_id="65", **said)["video_hash"]
    assert (first, second != first) == (digest(film), True)
    assert begin(client, content_id="64", **said)["video_hash"] == first
    assert begin(client, content_id="65", **said)["video_hash"] == second
    for name in (second, first):
        send(client, name, 0, film)
    assert [finalize(client, each).json()["content_id"] for each in (first, second)] == ["64", "65"]
    assert left.source("64") == left.source("65") == film


def test_a_file_of_a_second_title_is_verified_like_that_of_the_first(client: TestClient, left: Left) -> None:
    film = video_of(CHUNK, seed=33)
    said = {"total_chunks": 1, "video_hash": digest(film)}
    begin(client, content_id="66", **said)
    second = begin(client, content_id="67", **said)["video_hash"]
    send(client, second, 0, video_of(CHUNK, seed=34))
    assert finalize(client, second).status_code == 422
    assert left.database.query("SELECT FROM movies WHERE id = 67") == []


def test_a_file_that_was_there_but_is_gone_is_sent_again(client: TestClient, left: Left) -> None:
    film = video_of(CHUNK, seed=4)
    said = {"total_chunks": 1, "video_hash": digest(film), "content_id": "43"}
    url: str = upload(client, film, video_hash=digest(film), content_id="43").json()["video_url"]
    left.services.bucket.delete([url.removeprefix(f"{left.services.bucket.public_url}/")])
    assert begin(client, **said)["missing_chunks"] == [0]
    send(client, digest(film), 0, film)
    assert finalize(client, digest(film)).status_code == 200
    assert left.source("43") == film


def test_a_file_that_is_cut_otherwise_begins_anew_and_leaves_nothing_of_before(
    client: TestClient, left: Left
) -> None:
    begun = len(left.begun())
    film = video_of(2 * CHUNK, seed=5)
    begin(client, total_chunks=2, video_hash=digest(film))
    send(client, digest(film), 0, film[:CHUNK])
    assert begin(client, total_chunks=1, video_hash=digest(film))["missing_chunks"] == [0]
    assert len(left.begun()) == begun + 1


def test_a_file_that_is_not_what_its_hash_says_is_refused_and_deleted(client: TestClient, left: Left) -> None:
    before, wrong = left.everything(), digest(b"another file")
    answer = upload(client, video_hash=wrong)
    assert answer.status_code == 422
    assert "not the file whose hash was given" in answer.json()["detail"]
    assert left.everything() == before
    assert client.get(f"/videos/upload/{wrong}").status_code == 404


def test_before_all_chunks_came_nothing_is_finalized_and_those_missing_are_named(client: TestClient) -> None:
    video_hash = begin(client, total_chunks=3)["video_hash"]
    send(client, video_hash, 1, cut(FILM)[1])
    answer = finalize(client, video_hash)
    assert (answer.status_code, answer.json()["missing_chunks"]) == (400, [0, 2])


def test_an_upload_that_the_bucket_gave_up_is_begun_again(client: TestClient, left: Left) -> None:
    film = video_of(CHUNK, seed=6)
    said = {"total_chunks": 2, "video_hash": digest(film)}
    for act in (lambda: send(client, digest(film), 1, b"end"), lambda: finalize(client, digest(film))):
        assert begin(client, **said)["missing_chunks"] == [0, 1]
        send(client, digest(film), 0, film)
        send(client, digest(film), 1, b"end")
        assert left.services.bucket.abort_uploads(timedelta(minutes=-1), UPLOADS) > 0
        answer = act()
        assert answer.status_code == 404
        assert "/videos/init" in answer.json()["detail"]


@pytest.fixture(scope="module")
def known_as(left: Left) -> Callable[[str], None]:
    """Leaves one episode, with this id."""
    left.database.query("ALTER TABLE episodes ALTER id DROP IDENTITY")
    left.database.query("ALTER TABLE episodes ALTER id TYPE text")

    def know(content_id: str) -> None:
        left.database.query("DELETE FROM episodes")
        left.database.query("INSERT INTO episodes (id, title) VALUES (%s, '')", content_id)

    return know


def test_among_uuids_a_new_title_gets_a_uuid(client: TestClient, known_as: Callable[[str], None]) -> None:
    known_as("8f14e45f-ceea-467f-a5b1-1c1d3c9a4f10")
    assert UUID(upload(client, content_type="episode").json()["content_id"])


def test_among_other_ids_one_must_be_chosen_and_nothing_is_sent_twice(
    client: TestClient, known_as: Callable[[str], None]
) -> None:
    known_as("pilot")
    film = video_of(1000, seed=7)
    refused = upload(client, film, content_type="episode", video_hash=digest(film))
    assert refused.status_code == 422
    assert "content_id" in refused.json()["detail"]
    said = {"total_chunks": 1, "content_type": "episode", "content_id": "second"}
    assert begin(client, video_hash=digest(film), **said)["missing_chunks"] == []
    assert finalize(client, digest(film)).json()["content_id"] == "second"


def test_a_title_with_what_the_catalog_cannot_store_is_taken_without_it(client: TestClient) -> None:
    assert begin(client, title="a\x00b", total_chunks=1)["title"] == "a\N{REPLACEMENT CHARACTER}b"
