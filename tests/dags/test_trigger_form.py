"""The form by which a person converts one title: what it offers, and what it refuses."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from nightreel.errors import ConfigurationError
from nightreel.orchestration.params import conversion_params
from nightreel.runs.request import ConversionRequest
from nightreel.settings import load_settings, settings
from nightreel.vocabulary.title import Title

MOVIE_7 = {"content_type": "movie", "content_id": "7"}


@pytest.fixture
def dag(bag: DagBag) -> DAG:
    return bag.dags["convert_title"]


def checked(dag: DAG, conf: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a run that is triggered with this. Raises ParamValidationError."""
    params = deepcopy(dag.params)
    params.update(conf)
    return params.validate()


def test_the_content_types_are_those_of_the_mapping(tmp_path: Path) -> None:
    mapping = yaml.safe_load(settings().catalog_mapping.read_text())
    mapping["content_types"]["short"] = mapping["content_types"].pop("episode")
    path = tmp_path / "catalog.yaml"
    path.write_text(yaml.safe_dump(mapping, sort_keys=False))
    form = conversion_params(load_settings(catalog_mapping=path))
    assert form["content_type"].schema["enum"] == ["movie", "short"]


def test_the_renditions_to_choose_from_are_the_rungs_of_the_ladder(dag: DAG) -> None:
    rungs = ["240p", "360p", "480p", "720p", "1080p", "1440p", "2160p"]
    ladder = dag.params.get_param("ladder")
    assert ladder.schema["items"]["enum"] == rungs
    # The form shows these as its choices.
    assert ladder.schema["examples"] == rungs


@pytest.mark.parametrize("name", ["content_type", "content_id", "force", "encrypt", "sound", "ladder"])
def test_every_field_has_a_title_and_a_type(dag: DAG, name: str) -> None:
    schema = dag.params.get_param(name).schema
    assert schema["title"]
    assert schema["type"]


def test_a_title_is_all_that_must_be_given(dag: DAG) -> None:
    assert checked(dag, MOVIE_7) == {
        **MOVIE_7,
        "force": False,
        "first": False,
        "encrypt": "default",
        "sound": True,
        "ladder": None,
    }


@pytest.mark.parametrize(
    "conf",
    [
        {"content_type": "episode"},
        {"content_id": "9b2f0c1e-0000-4000-8000-00000000a1b2"},
        {"force": True},
        {"first": True},
        {"encrypt": "yes"},
        {"encrypt": "no"},
        {"ladder": ["360p", "1080p"]},
        {"ladder": []},
    ],
)
def test_what_makes_sense_is_taken(dag: DAG, conf: dict[str, Any]) -> None:
    assert checked(dag, MOVIE_7 | conf).items() >= conf.items()


@pytest.mark.parametrize("encrypt", [True, False, None])
@pytest.mark.parametrize("sound", [True, False])
def test_what_is_asked_for_comes_out_as_it_went_in(dag: DAG, encrypt: bool | None, sound: bool) -> None:
    for choice in ({"ladder": ("360p",), "sound": sound}, {"first": True}):
        request = ConversionRequest(Title("movie", "7"), force=True, encrypt=encrypt, **choice)
        assert ConversionRequest.of_run(checked(dag, request.conf()), request.conf()) == request


@pytest.mark.parametrize("conf", [{"ladder": ["360p"]}, {"sound": False}])
def test_a_first_release_leaves_nothing_out_for_good(dag: DAG, conf: dict[str, Any]) -> None:
    asked = MOVIE_7 | {"first": True} | conf
    with pytest.raises(ConfigurationError, match="completed later"):
        ConversionRequest.of_run(checked(dag, asked), asked)


def test_what_nobody_asked_for_is_left_to_the_form(dag: DAG) -> None:
    assert ConversionRequest(Title("movie", "7")).conf() == MOVIE_7


@pytest.mark.parametrize(
    "conf",
    [
        {"content_type": "song"},
        {"content_type": ""},
        {"content_id": None},
        {"content_id": ""},
        {"content_id": 7},
        {"content_id": "../7"},
        {"content_id": "7 or 8"},
        {"content_id": "x" * 129},
        {"force": "yes"},
        {"encrypt": True},
        {"encrypt": "maybe"},
        {"ladder": ["999p"]},
        {"ladder": "360p"},
    ],
)
def test_what_makes_no_sense_is_refused(dag: DAG, conf: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError):
        checked(dag, MOVIE_7 | conf)


def test_the_id_must_be_given(dag: DAG) -> None:
    with pytest.raises(ParamValidationError):
        checked(dag, {"content_type": "movie"})
