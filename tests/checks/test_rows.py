"""Which rows of the catalog are let through to the backlog."""

from dataclasses import replace

from nightreel.catalog import BacklogRow
from nightreel.checks.rows import check_rows, faults_of

LIMIT = 1000


def row(
    content_id: str = "7", url: str | None = "https://media.example/film.mp4", size: int | None = None
) -> BacklogRow:
    return BacklogRow("movie", content_id, "A film", url, None, size, None)


def refusals(*rows: BacklogRow) -> list[str]:
    return [refused.sentence for refused in check_rows(rows, LIMIT).refused]


def test_rows_with_a_usable_video_are_accepted_in_their_order() -> None:
    rows = [
        row("1"),
        row("2b0c5b9e-6a53-4f0e-9d3b-111111111111", "https://media.example/a/b.MOV?token=x.exe"),
        row("3", "s3://media/films/b.m4v", LIMIT),
        row("4", "films/what? a film #1.mp4", 1),
        row("5", "films/a.mkv"),
        row("6", "films/a.webm"),
    ]

    verdict = check_rows(rows, LIMIT)

    assert verdict.accepted == tuple(rows)
    assert verdict.refused == ()


def test_a_malformed_id_is_refused() -> None:
    assert ["the id" in sentence for sentence in refusals(row("../7"), row(""), row("7 8"))] == [True] * 3


def test_an_id_that_several_rows_have_is_refused_in_the_words_of_the_catalog() -> None:
    double = replace(row(), double_id="2 rows of table movies have the id 7")
    (refused,) = check_rows([row("8"), double], LIMIT).refused
    assert (refused.code, refused.sentence) == ("double_id", double.double_id)
    assert faults_of(double, LIMIT) == refused.sentence


def test_a_missing_or_blank_url_is_refused() -> None:
    assert refusals(row(url=None), row(url="  ")) == ["there is no video URL"] * 2


def test_a_file_is_taken_whatever_its_name_says() -> None:
    names = ["film.ts", "film", ".mp4", "film.php?f=a.mp4", "film.avi#a.mp4", "x7fk2q9d", "film.txt"]

    assert refusals(*(row(url=f"https://media.example/{name}") for name in names)) == []
    assert refusals(row(url="active/storage/x7fk2q9d"), row(url="film.wmv")) == []


def test_a_url_that_names_no_file_is_refused() -> None:
    urls = ["https://media.example", "https://media.example/", "https://media.example/film.mp4/", "films/"]

    assert refusals(*(row(url=url) for url in urls)) == ["the video URL names no file"] * len(urls)


def test_an_empty_or_too_large_source_is_refused() -> None:
    sentences = refusals(row(size=0), row(size=LIMIT + 1))

    assert len(sentences) == 2
    assert all("NIGHTREEL_MAX_SOURCE_BYTES" in sentence for sentence in sentences)


def test_a_row_with_several_faults_is_refused_once_with_all_of_them() -> None:
    (sentence,) = refusals(row("../7", None, 0))

    assert sentence.count(";") == 2


def test_one_bad_row_holds_up_no_other() -> None:
    rows = [row(str(number), None if number == 40 else "a.mp4") for number in range(60)]

    verdict = check_rows(rows, LIMIT)

    assert len(verdict.accepted) == 59
    assert [refused.row.content_id for refused in verdict.refused] == ["40"]


def test_every_bad_row_is_named_however_many_there_are() -> None:
    assert len(refusals(*(row(str(number), None) for number in range(300)))) == 300


def test_no_rows_are_no_verdict() -> None:
    assert check_rows([], LIMIT).accepted == ()


def test_a_row_is_told_the_same_faults_at_once() -> None:
    ids = ("7", "../7", "")
    urls = ("a.mp4", "a.MOV?x", "a.avi", ".mp4", "a.mp4\n", "  ", "https://[", "s3://media/a.mkv#b", None)
    rows = [
        row(content_id, url, size) for content_id in ids for url in urls for size in (None, 0, 1, LIMIT + 1)
    ]

    verdict = check_rows(rows, LIMIT)

    assert [each for each in rows if faults_of(each, LIMIT) is None] == list(verdict.accepted)
    assert [faults_of(refused.row, LIMIT) for refused in verdict.refused] == [
        refused.sentence for refused in verdict.refused
    ]
