import pytest

from nightreel.sources.intake import safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("film.mp4", "film.mp4"),
        ("The Film (1999).MP4", "The-Film-1999.mp4"),
        ("Amélie.mp4", "Amelie.mp4"),
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("千と千尋.mp4", "source.mp4"),
        (".mp4", "mp4"),
        ("a?b#c%20d&e.mp4", "a-b-c-20d-e.mp4"),
        (f"{'x' * 300}.mp4", f"{'x' * 120}.mp4"),
    ],
)
def test_a_file_name_becomes_safe_for_keys_and_urls(name: str, safe: str) -> None:
    assert safe_name(name) == safe
