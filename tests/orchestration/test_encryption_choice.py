"""Which titles are encrypted: by the form, the user's column and the setting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from airflow.models.dagrun import DagRun
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.execution_time.context import set_current_context

from nightreel.catalog import Claim
from nightreel.orchestration.conversion.claim import claim_title
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.orchestration.params import conversion_params
from nightreel.settings import settings
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.keys import ABLE, KEY_URI, SECRET
from tests.orchestration.runs import Run, asked_for, convert

Install = Callable[..., Installation]


def ticket_for(title: Title, **conf: Any) -> Ticket:
    """What the first task of a run with this configuration hands to the others."""
    params = ParamsDict(conversion_params(settings()))
    params.update(asked_for(title, **{name: value for name, value in conf.items() if name in params}))
    run_id = f"manual__{uuid4()}"
    context = {
        "params": params.validate(),
        "dag_run": DagRun(dag_id="convert_title", run_id=run_id, conf=conf),
        "run_id": run_id,
    }
    with set_current_context(context):  # type: ignore[arg-type]
        return Ticket.model_validate(claim_title())


def unconverted(installation: Installation) -> Title:
    return installation.add_movie(1, "sources/1.mp4")


@pytest.mark.parametrize(
    ("setting", "choice", "encrypted"),
    [
        ("false", "default", False),
        ("true", "default", True),
        ("false", "yes", True),
        ("true", "no", False),
    ],
)
def test_what_is_chosen_in_the_form_goes_before_the_setting(
    install: Install, setting: str, choice: str, encrypted: bool
) -> None:
    installation = install(**ABLE, NIGHTREEL_ENCRYPT=setting)
    assert ticket_for(unconverted(installation), encrypt=choice).encrypted is encrypted


def test_what_was_chosen_once_holds_for_the_backlog_too(install: Install) -> None:
    installation = install(**ABLE)
    title = unconverted(installation)
    first = ticket_for(title, encrypt="yes")
    installation.age_leases()
    (claim,) = installation.catalog.claims.of_night([title], "the night", installation.settings.lease)
    assert isinstance(claim, Claim)
    second = ticket_for(title, claim=claim.token)
    assert second.token == claim.token != first.token
    assert second.encrypted


def test_the_users_column_goes_before_the_setting(install: Install, tmp_path: Path) -> None:
    mapping = tmp_path / "catalog.yaml"
    mapping.write_text(
        "content_types: {movie: {table: movies, columns: "
        "{id: id, title: title, video_url: video_url, encrypt: protect}}}"
    )
    installation = install(**ABLE, NIGHTREEL_CATALOG_MAPPING=str(mapping))
    installation.query("ALTER TABLE movies ADD COLUMN protect boolean DEFAULT TRUE")
    assert ticket_for(unconverted(installation)).encrypted


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"NIGHTREEL_KEY_URI": KEY_URI}, "NIGHTREEL_KEY_SECRET is not set"),
        ({"NIGHTREEL_KEY_SECRET": SECRET}, "NIGHTREEL_KEY_URI is not set"),
    ],
)
def test_a_title_that_cannot_be_encrypted_fails_before_anything_is_fetched(
    install: Install, variables: dict[str, str], sentence: str
) -> None:
    installation = install(**variables, NIGHTREEL_ENCRYPT="true")
    title = unconverted(installation)
    run = convert(title)
    assert (run.states["claim"], run.tries("claim")) == ("failed", 1)
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("failed", "configuration_error")
    assert sentence in conversion["reason"]
    assert conversion["fetched_from"] is None


def test_without_encryption_no_secret_is_needed_and_no_key_is_made(
    published: tuple[Title, Run], installation: Installation
) -> None:
    title, _ = published
    assert installation.settings.key_secret.get_secret_value() == ""
    assert installation.query("SELECT * FROM nightreel.content_keys") == []
    (status,) = [each for each in installation.catalog.titles.status() if each.content_id == title.content_id]
    assert not status.encrypted
