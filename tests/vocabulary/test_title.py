import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

_UUID = "9b2f7c1e-0d4c-4a57-9d4f-3a0e6f1c2b3a"


@pytest.mark.parametrize(
    ("content_type", "content_id"),
    [("movie", "1"), ("episode", "456"), ("movie", _UUID), ("tv_show2", "A-b_9")],
)
def test_integers_uuids_and_words_name_a_title(content_type: str, content_id: str) -> None:
    assert str(Title(content_type, content_id)) == f"{content_type} {content_id}"


@pytest.mark.parametrize("content_type", ["", "Movie", "2d", "mo/vie", "..", "movie\n", "m" * 33, "möbius"])
def test_another_content_type_is_refused_by_name(content_type: str) -> None:
    with pytest.raises(ConfigurationError, match="content type"):
        Title(content_type, "1")


@pytest.mark.parametrize("content_id", ["", "-1", "1/2", "..", "1.5", "1\n", "a b", "١", "%2e", "x" * 129])
def test_another_content_id_is_refused_by_name(content_id: str) -> None:
    with pytest.raises(ConfigurationError, match="content id"):
        Title("movie", content_id)


@given(st.text(max_size=40), st.text(max_size=140))
def test_no_text_smuggles_a_slash_a_dot_or_a_space_into_a_title(content_type: str, content_id: str) -> None:
    try:
        title = Title(content_type, content_id)
    except ConfigurationError:
        return
    for part in (title.content_type, title.content_id):
        assert part.isascii()
        assert part.replace("_", "").replace("-", "").isalnum()


def test_titles_are_compared_by_type_and_id() -> None:
    assert Title("movie", "1") == Title("movie", "1")
    assert len({Title("movie", "1"), Title("movie", "1"), Title("episode", "1")}) == 2
    assert sorted([Title("movie", "1"), Title("episode", "2")]) == [
        Title("episode", "2"),
        Title("movie", "1"),
    ]
