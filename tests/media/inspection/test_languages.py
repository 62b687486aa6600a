import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.languages import language_name, language_tag


@pytest.mark.parametrize(
    ("said", "tag", "name"),
    [
        ("eng", "en", "English"),
        ("en", "en", "English"),
        ("ger", "de", "Deutsch"),
        ("deu", "de", "Deutsch"),
        ("fre", "fr", "Français"),
        ("chi", "zh", "中文"),
        ("kin", "rw", "Ikinyarwanda"),
        ("gsw", "gsw", "Schwiizertüütsch"),
        ("ang", "ang", "Old English"),
        ("ENG", "en", "English"),
        ("pt-br", "pt-BR", "Português (Brasil)"),
        ("zh_hant", "zh-Hant", "中文 (繁體)"),
        ("es-419", "es-419", "Español (Latinoamérica)"),
        ("qaa", "qaa", ""),
        ("und", "und", ""),
        ("", "und", ""),
        ("English", "und", ""),
        ("e1", "und", ""),
        ("../en", "und", ""),
    ],
)
def test_well_known_languages(said: str, tag: str, name: str) -> None:
    assert (language_tag(said), language_name(language_tag(said))) == (tag, name)


@given(
    st.text(max_size=12) | st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_][A-Za-z]{2})?", fullmatch=True)
)
def test_whatever_a_source_says_the_tag_fits_into_a_file_name_and_stays_the_same(said: str) -> None:
    tag = language_tag(said)
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", tag)
    assert language_tag(tag) == tag
    assert isinstance(language_name(tag), str)
