"""The library as the server sends it."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.vocabulary.title import Title
from nightreel.web.pages.templates import FOLDER as TEMPLATES
from nightreel.web.services import Services
from tests.web.conftest import ClientWith
from tests.web.pages.conftest import HOSTILE, STATES, Shelf
from tests.web.pages.html import Html


@pytest.fixture(scope="module")
def reader(client_with: ClientWith, stocked: dict[str, Title]) -> TestClient:
    return client_with("read")


@pytest.fixture(scope="module")
def operator(client_with: ClientWith, stocked: dict[str, Title]) -> TestClient:
    return client_with("read", "convert", "upload")


def page(client: TestClient, address: str = "/") -> Html:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return Html.of(answer.text)


def names(library: Html) -> list[str]:
    return library.texts("//ol[@id='titles']//h2")


def key(title: Title) -> str:
    return f"{title.content_type}/{title.content_id}"


def test_every_title_is_shown_with_its_state_in_words(reader: TestClient, stocked: dict[str, Title]) -> None:
    library = page(reader)
    words = {"claimed": "Converting"} | {s: s.capitalize() for s in STATES if s != "claimed"}
    for state, title in stocked.items():
        assert library.row(key(title)).texts(".//*[contains(@class, 'badge')]") == [words[state]]


def test_all_that_failed_can_be_put_back_where_all_that_failed_is_shown(
    reader: TestClient, operator: TestClient
) -> None:
    button = "//button[@data-requeue-failed]"
    failed = page(operator, "/?state=failed&content_type=movie")
    count = len(names(failed))
    told = "it" if count == 1 else f"all {count}"
    assert failed.texts(button) == [f"Put {told} back into the backlog…"]
    for address in ("/", "/?state=quarantined", "/?state=failed&q=one", "/?state=failed&q=nothing"):
        assert page(operator, address).texts(button) == []
    assert page(reader, "/?state=failed").texts(button) == []


def test_why_a_title_was_refused_stands_beside_it(reader: TestClient, stocked: dict[str, Title]) -> None:
    row = page(reader).row(key(stocked["quarantined"]))
    assert row.texts(".//*[contains(@class, 'why')]") == ["The source has no picture."]


def test_of_a_published_title_renditions_and_size_are_shown(
    reader: TestClient, stocked: dict[str, Title]
) -> None:
    assert page(reader).row(key(stocked["published"])).texts(".//dd")[:2] == ["360p", "123 GB"]


def test_of_a_first_release_it_is_said_that_it_plays_and_what_follows(
    operator: TestClient, stocked: dict[str, Title], shelf: Shelf
) -> None:
    title = shelf.add("Only first released", "published", complete=False)
    library = page(operator, "/?q=first+released")
    row = library.row(key(title))
    said = ".//*[@class='first-release']"
    assert row.texts(said) == ["First release plays; the other renditions follow"]
    assert row.root.xpath(".//@data-action") == ["convert", "options", "delete"]
    own = page(operator, f"/titles/{key(title)}")
    assert own.texts(f"//header{said[1:]}") == ["First release plays; the other renditions follow"]
    assert own.texts("//*[@class='attempt-head']/*[@class='tag']") == ["first release"]
    assert page(operator, f"/titles/{key(stocked['published'])}").texts(f"//header{said[1:]}") == []


def test_a_name_that_looks_like_a_page_is_shown_as_it_is(
    reader: TestClient, operator: TestClient, shelf: Shelf
) -> None:
    title = shelf.add(HOSTILE, "quarantined")
    for client in (reader, operator):
        library = page(client)
        assert library.row(key(title)).texts(".//h2") == [" ".join(HOSTILE.split())]
        assert library.inline() == []


def test_what_was_searched_for_is_shown_as_it_is(reader: TestClient) -> None:
    library = page(reader, "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert library.root.xpath("//input[@id='search']/@value") == ['"><script>alert(1)</script>']
    assert library.inline() == []


@pytest.mark.parametrize("path", ["/", "/tonight", "/?q=nothing-has-this", "/?page=99"])
def test_a_page_has_no_script_or_style_in_itself_and_forbids_them(operator: TestClient, path: str) -> None:
    answer = operator.get(path)
    assert Html.of(answer.text).inline() == []
    policy = dict(
        directive.strip().partition(" ")[::2]
        for directive in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe-inline" not in str(policy)
    assert "unsafe-eval" not in policy["script-src"].replace("wasm-unsafe-eval", "")


def test_pictures_and_streams_may_come_from_the_bucket_and_from_nowhere_else(
    reader: TestClient, services: Services
) -> None:
    policy = reader.get("/").headers["content-security-policy"]
    origin = "/".join(services.settings.r2_public_url.split("/")[:3])
    assert {word for word in policy.replace(";", " ").split() if "://" in word} == {origin}


def test_what_a_page_loads_is_there_and_never_of_an_older_version(operator: TestClient) -> None:
    for path in ("/", "/tonight"):
        loaded = page(operator, path).root.xpath("//script/@src | //link/@href")
        assert len(loaded) > 5
        for address in loaded:
            answer = operator.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["cache-control"] == "no-cache"
            again = operator.get(address, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_who_may_not_convert_sees_no_actions_and_is_told_why(reader: TestClient) -> None:
    library = page(reader)
    assert library.root.xpath("//*[@data-action]") == []
    assert library.root.xpath("//dialog") == []
    assert "the scope “convert”" in library.texts("//*[contains(@class, 'note')]")[0]


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("pending", ["convert", "options"]),
        ("claimed", []),
        ("published", ["options", "delete"]),
        ("quarantined", ["requeue", "options"]),
        ("failed", ["convert", "options", "requeue"]),
    ],
)
def test_what_can_be_done_depends_on_the_state(
    operator: TestClient, stocked: dict[str, Title], state: str, actions: list[str]
) -> None:
    row = page(operator).row(key(stocked[state]))
    assert row.root.xpath(".//@data-action") == actions


def test_a_running_title_leads_to_its_run_in_airflow(operator: TestClient, stocked: dict[str, Title]) -> None:
    title = stocked["claimed"]
    links = page(operator).row(key(title)).root.xpath(".//a[@data-airflow]/@href")
    assert links == [f"/airflow/dags/convert_title/runs/api__movie_{title.content_id}"]


def test_only_who_may_upload_is_offered_to(reader: TestClient, operator: TestClient) -> None:
    assert page(reader).root.xpath("//input[@type='file']") == []
    assert len(page(operator).root.xpath("//input[@type='file']")) == 1


def test_a_filter_shows_its_titles_and_says_beforehand_how_many(reader: TestClient) -> None:
    library = page(reader)
    for state in STATES:
        (chosen,) = library.root.xpath("//a[@data-focus=$name]", name=f"state-{state}")
        shown = page(reader, chosen.get("href"))
        assert str(len(names(shown))) == chosen.xpath("string(.//*[@class='count'])")
        assert set(shown.root.xpath("//li[@data-key]/@data-state")) == {state}


def test_search_finds_names_and_ids_and_keeps_the_filter(
    reader: TestClient, stocked: dict[str, Title]
) -> None:
    assert names(page(reader, "/?q=FAILED+one")) == ["The failed one"]
    assert "The failed one" in names(page(reader, f"/?q={stocked['failed'].content_id}"))
    assert names(page(reader, "/?q=failed+one&state=pending")) == []
    assert page(reader, "/?state=failed").root.xpath(
        "//form[@role='search']//input[@name='state']/@value"
    ) == ["failed"]


def test_episodes_are_told_from_movies(reader: TestClient, shelf: Shelf) -> None:
    shelf.add("An episode", kind="episode")
    assert names(page(reader, "/?content_type=episode")) == ["An episode"]
    assert "An episode" not in names(page(reader, "/?content_type=movie"))


def test_more_titles_than_a_page_holds_go_on_on_the_next(reader: TestClient, shelf: Shelf) -> None:
    for number in range(51):
        shelf.add(f"Serial {number}")
    first = page(reader, "/?q=Serial")
    (following,) = first.root.xpath("//a[@rel='next']/@href")
    second = page(reader, following)
    assert len(names(first)) == 50
    assert len(names(second)) == 1
    assert {*names(first), *names(second)} == {f"Serial {number}" for number in range(51)}
    assert second.root.xpath("//a[@rel='prev']/@href") == ["/?q=Serial&page=1"]
    assert not second.root.xpath("//a[@rel='next']")


def test_nothing_found_is_said(reader: TestClient) -> None:
    assert "No title has “no such title” in its name or id." in page(reader, "/?q=no+such+title").texts("//p")


@pytest.mark.parametrize(
    "query",
    ["state=lost", "page=0", "page=x", f"page={10**30}", f"q={'x' * 201}", f"content_type={'x' * 33}"],
)
def test_a_question_that_makes_no_sense_is_refused(reader: TestClient, query: str) -> None:
    assert reader.get(f"/?{query}").status_code == 422


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%25%5C_", "content_type=%00", "content_type=book", "q=%F0%9F%8E%AC"]
)
def test_a_question_without_an_answer_finds_nothing(reader: TestClient, query: str) -> None:
    assert names(page(reader, f"/?{query}")) == []


def test_who_is_not_signed_in_is_led_there_and_back(stranger: TestClient) -> None:
    answer = stranger.get("/?q=night")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2F%3Fq%3Dnight"


def test_mounted_below_a_prefix_every_link_stays_below_it(
    app: FastAPI, operator: TestClient, stocked: dict[str, Title]
) -> None:
    above = FastAPI()
    above.mount("/nightreel", app)
    client = TestClient(above, headers=operator.headers)
    for path in ("/nightreel/", "/nightreel/tonight"):
        links = [
            link for link in page(client, path).links() if not link.startswith(("#", "http", "/airflow/"))
        ]
        assert links
        assert [link for link in links if not link.startswith("/nightreel/")] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\r\nlines\tof one", "two lines of one"),
        ("x" * 5000, "x" * 199 + "…"),
        ("\u202edlrow \u2069\u05d0", "\u202edlrow \u2069\u05d0"),
        (" \u200f ", None),
        ("", None),
    ],
)
def test_a_name_is_one_line_in_a_box_that_its_direction_does_not_leave(
    operator: TestClient, shelf: Shelf, name: str, shown: str | None
) -> None:
    title = shelf.add(name, "published")
    shown = shown or f"movie {title.content_id}"
    row = page(operator, f"/?q={title.content_id}").row(key(title)).root
    assert row.xpath(".//h2//bdi/text()") == [shown]
    said = [*row.xpath(".//@aria-label"), *row.xpath(".//@data-name"), *row.xpath(".//bdi/@title")]
    assert len(said) == 3
    assert all(len(each) < 250 and each.isprintable() for each in said)
    own = page(operator, f"/titles/{key(title)}").root
    assert own.xpath("//h1/bdi/text()") == [shown]
    assert own.xpath("//li[@aria-current]/bdi/text()") == [shown]
    assert own.findtext(".//title").isprintable()


def test_names_are_shown_by_the_filters_that_know_how() -> None:
    """Else one of many thousands of characters would be told in full somewhere."""
    unfiltered = re.compile(r"\{\{[^}|]*(record|title|named)\.title\b[^}|]*\}\}")
    for template in TEMPLATES.glob("*.html"):
        assert unfiltered.findall(template.read_text()) == [], template.name
