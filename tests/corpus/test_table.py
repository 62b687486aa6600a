from pathlib import Path

from corpus.cases import Case
from corpus.outcome import Outcome
from corpus.table import came_out, markdown, page
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.places import PROJECT_ROOT
from tests.media.sources import sound, source

_FILM = Case("film", Path("film.mp4"), "a | film", "published")


def _published() -> Outcome:
    ladder = load_ladder(PROJECT_ROOT / "config" / "ladder.yaml")
    described = source((640, 360), audio=(sound(1, "en"), sound(2, "fr")))
    plan = build_plan(described, ladder, PlanOptions())
    return Outcome(_FILM, "published", source=described, plan=plan, warnings=("A track was left out.",))


def test_what_came_out_names_the_pictures_the_sounds_and_the_warnings() -> None:
    told = came_out(_published())
    assert told.startswith("published: 640×360; 25 fps, 20.00 s; 2 pictures (240p, 360p); sound en, fr")
    assert told.endswith("“A track was left out.”")


def test_what_was_refused_says_why() -> None:
    refused = Outcome(_FILM, "quarantined", "no_video", "The file has no video track.")
    assert came_out(refused) == "quarantined: The file has no video track."


def test_the_table_counts_what_is_as_expected() -> None:
    refused = Outcome(_FILM, "quarantined", "no_video", "No video.")
    table = markdown([_published(), refused])
    assert "2 sources, 1 as expected" in table
    assert [line[-3:-2] for line in table.splitlines() if line.startswith("| film")] == ["✓", "✗"]


def test_a_bar_in_a_text_does_not_break_the_table() -> None:
    [row] = [line for line in markdown([_published()]).splitlines() if line.startswith("| film")]
    assert r"a \| film" in row


def test_the_page_shows_the_contact_sheet_of_a_case() -> None:
    told = page([_published()], {"film": Path("/somewhere/film.png")})
    assert '<img alt="" src="film.png">' in told
    assert "a | film" in told
