"""The script by which pages upload, in a real browser."""

import hashlib
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from nightreel.web.packages import install_packages
from tests.players.conftest import browser, page
from tests.web.uploads.conftest import Left
from tests.web.uploads.files import MIB
from tests.web.uploads.served import Served

__all__ = ["browser", "page"]

pytestmark = pytest.mark.browser

# The film is made in the page: three chunks of the size that the server chooses.
UPLOAD = """async ({key, contentId, seed, size}) => {
    const {uploadFile} = await import("/assets/upload.js");
    const bytes = new Uint8Array(size).fill(seed);
    bytes.set(new TextEncoder().encode("\\0\\0\\0\\x18ftypisom"));
    const heard = [];
    const options = {
        base: "/", contentType: "movie", contentId, headers: {ApiKey: key},
        onProgress: (each) => heard.push(each),
    };
    try {
        return {answer: await uploadFile(new File([bytes], "The Film.mp4"), options), heard};
    } catch (error) {
        return {refused: error.name, status: error.status, said: error.message, heard};
    }
}"""
SIZE = 2 * 8 * MIB + 5


@pytest.fixture
def chunks(page: Page, served: Served) -> list[str]:
    """The chunks that the page sends, by index."""
    install_packages()
    sent: list[str] = []

    def note(request: Request) -> None:
        if "/videos/upload_chunk/" in request.url:
            sent.append(request.url.rpartition("/")[2])

    page.on("request", note)
    page.goto(f"http://127.0.0.1:{served.port}/assets/upload.js")
    return sent


def upload(page: Page, served: Served, content_id: str, seed: int = 1) -> dict[str, Any]:
    said = {"key": served.client.headers["ApiKey"], "contentId": content_id, "seed": seed, "size": SIZE}
    return dict(page.evaluate(UPLOAD, said))


def film(seed: int = 1) -> bytes:
    start = b"\0\0\0\x18ftypisom"
    return start + bytes([seed]) * (SIZE - len(start))


def test_a_page_uploads_a_file_and_hears_how_far_it_is(
    page: Page, served: Served, chunks: list[str], left: Left
) -> None:
    done = upload(page, served, "7")
    assert done["answer"]["video_hash"] == hashlib.sha256(film()).hexdigest()
    assert done["answer"]["content_id"] == "7"
    assert left.source("7") == film()
    assert left.movie("7")["title"] == "The Film"
    assert sorted(chunks) == ["0", "1", "2"]
    phases = list(dict.fromkeys(each["phase"] for each in done["heard"]))
    assert phases == ["hashing", "sending", "finishing"]
    sent = [each["sent"] for each in done["heard"] if each["phase"] == "sending"]
    assert sent == sorted(sent)
    assert (sent[0], sent[-1]) == (0, SIZE)


def test_what_came_before_is_not_sent_again_and_a_chunk_that_fails_is(
    page: Page, served: Served, chunks: list[str], left: Left
) -> None:
    digest = hashlib.sha256(film(2)).hexdigest()
    said = {"title": "The Film", "content_id": "8", "size": SIZE, "video_hash": digest}
    served.client.post("/videos/init", json=said)
    for index in (0, 2):
        chunk = film(2)[index * 8 * MIB : (index + 1) * 8 * MIB]
        path = f"/videos/upload_chunk/{digest}/{index}"
        assert served.client.post(path, files={"chunk_data": ("blob", chunk)}).status_code == 200
    page.route("**/videos/upload_chunk/*/1", lambda route: route.fulfill(status=503, json={}), times=1)
    upload(page, served, "8", seed=2)
    assert chunks == ["1", "1"]
    assert left.source("8") == film(2)


def test_what_the_server_refuses_is_not_tried_again_and_said(
    page: Page, served: Served, chunks: list[str]
) -> None:
    refused = {"title": "Too large", "detail": "A sentence."}
    page.route("**/videos/init", lambda route: route.fulfill(status=413, json=refused))
    done = upload(page, served, "9")
    assert (done["refused"], done["status"], done["said"]) == ("UploadRefused", 413, "A sentence.")
    assert chunks == []
