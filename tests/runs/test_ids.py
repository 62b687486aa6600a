from hypothesis import given
from hypothesis import strategies as st

from nightreel.runs.dags import NIGHT_PREFIX, title_run_id
from nightreel.vocabulary.title import Title

nights = st.text(max_size=300)
titles = st.builds(
    Title,
    st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", fullmatch=True),
)
tokens = st.uuids(version=4).map(str)


@given(nights, titles, tokens, tokens)
def test_each_claim_has_a_run_of_its_own_whatever_the_nights_id_looks_like(
    night: str, title: Title, token: str, other: str
) -> None:
    run_id = title_run_id(night, title, token)
    assert run_id == title_run_id(night, title, token)
    assert (run_id == title_run_id(night, title, other)) is (token == other)


@given(nights, titles, tokens)
def test_an_id_is_one_that_airflow_takes_and_says_that_a_night_began_it(
    night: str, title: Title, token: str
) -> None:
    run_id = title_run_id(night, title, token)
    assert run_id.startswith(NIGHT_PREFIX)
    assert len(run_id) <= 250
    assert run_id.replace("_", "").replace("-", "").isalnum()
    assert run_id.isascii()
