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
        ("zh-Hant-TW", "zh-Hant-TW", "中文 (繁體, 台灣)"),
        ("ca-valencia", "ca-valencia", "Català"),
        ("de-ch-1996", "de-CH-1996", "Deutsch (Schweiz)"),
        ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994", "Slovenščina"),
        ("zh-yue-HK", "yue-HK", "粵語 (繁體, 中國香港特別行政區)"),
        ("en-US-u-co-phonebk-x-mine", "en-US", "English (United States)"),
        ("mul", "mul", "Multiple languages"),
        ("zxx", "zxx", "No linguistic content"),
        ("x-klingon", "und", ""),
        ("en" + "-a-b" * 60, "und", ""),
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
    st.text(max_size=12)
    | st.from_regex(
        r"[A-Za-z]{2,3}([-_][A-Za-z]{3,4})?([-_][A-Za-z]{2})?([-_][a-z0-9]{1,8})*", fullmatch=True
    )
)
def test_whatever_a_source_says_the_tag_fits_into_a_file_name_and_stays_the_same(said: str) -> None:
    tag = language_tag(said)
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-[a-z0-9]{4,8})*", tag)
    assert len(tag) < 50
    assert language_tag(tag) == tag
    assert isinstance(language_name(tag), str)
