from pathlib import Path

import pytest

from corpus.cases import Case, cases_in


def test_a_folder_gives_its_videos_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", "notes.txt", "c.mkv"):
        (tmp_path / name).touch()
    assert [case.name for case in cases_in(tmp_path)] == ["a", "b", "c"]


def test_what_the_readme_says_of_a_video_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch()
    (tmp_path / "README.md").write_text(
        "| clip | what | then |\n|---|---|---|\n| film | old | quarantined |\n"
    )
    assert cases_in(tmp_path) == [Case("film", tmp_path / "film.mp4", "old", "quarantined")]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        cases_in(tmp_path / "missing")


@pytest.mark.parametrize(
    ("expected", "state", "allowed"),
    [
        ("published upright", "published", True),
        ("published upright", "quarantined", False),
        ("quarantined: no video track", "quarantined", True),
        ("published without that audio; or quarantined with the reason", "quarantined", True),
        ("published without that audio; or quarantined with the reason", "failed", False),
        ("", "published", True),
        ("", "quarantined", False),
    ],
)
def test_an_outcome_is_expected_when_the_sentence_says_so(expected: str, state: str, allowed: bool) -> None:
    assert Case("film", Path("film.mp4"), expected=expected).allows(state) is allowed
