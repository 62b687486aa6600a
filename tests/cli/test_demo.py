"""What the demo does around the runs; the demo as a whole is run on the stack."""

from pathlib import Path

import pytest

from nightreel.catalog import Catalog
from nightreel.cli.demo import by_name, faults_of, take_in
from nightreel.deployment import Deployment
from nightreel.local.samples import BUNNY, CUT_SHORT, EPISODE, LIBRARY, Sample
from nightreel.vocabulary.title import Title
from tests.cli.conftest import add, publish, quarantine

_FIRST_BOX_OF_MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


@pytest.fixture
def files(tmp_path: Path) -> dict[Sample, Path]:
    for sample in LIBRARY:
        (tmp_path / sample.file_name).write_bytes(_FIRST_BOX_OF_MP4 + sample.name.encode())
    return {sample: tmp_path / sample.file_name for sample in LIBRARY}


def title_of(place: Deployment, sample: Sample) -> Title:
    status = by_name(place, sample)
    assert status is not None
    return Title(status.content_type, status.content_id)


def test_the_samples_come_into_the_catalog_once(
    place: Deployment, catalog: Catalog, files: dict[Sample, Path]
) -> None:
    take_in(place, files)
    take_in(place, files)
    assert [each.title for each in catalog.titles.status("movie")] == [
        sample.name for sample in LIBRARY if sample.content_type == "movie"
    ]
    assert [each.title for each in catalog.titles.status("episode")] == [EPISODE.name]


def test_a_title_of_the_owner_keeps_its_row(
    place: Deployment, catalog: Catalog, files: dict[Sample, Path]
) -> None:
    add(catalog, Title("movie", "1"), "The owner's")
    take_in(place, files)
    assert [each.title for each in catalog.titles.status("movie", "1")] == ["The owner's"]
    assert title_of(place, BUNNY) != Title("movie", "1")


def test_what_is_quarantined_as_it_must_be_is_not_tried_again(
    place: Deployment, catalog: Catalog, files: dict[Sample, Path]
) -> None:
    take_in(place, files)
    quarantine(catalog, title_of(place, CUT_SHORT))
    take_in(place, files)
    assert CUT_SHORT.name not in [row.name for row in catalog.backlog.unconverted(10)]


def test_what_was_published_under_another_address_is_converted_again(
    place: Deployment, catalog: Catalog, files: dict[Sample, Path]
) -> None:
    take_in(place, files)
    publish(catalog, title_of(place, BUNNY))
    assert BUNNY.name not in [row.name for row in catalog.backlog.unconverted(10)]
    take_in(place, files)
    assert BUNNY.name in [row.name for row in catalog.backlog.unconverted(10)]


def test_the_file_that_was_cut_short_must_be_quarantined(place: Deployment, catalog: Catalog) -> None:
    title = add(catalog, Title("movie", "1"), CUT_SHORT.name)
    assert faults_of(CUT_SHORT, by_name(place, CUT_SHORT)) == [
        f"movie 1, {CUT_SHORT.name}, is pending, not quarantined"
    ]
    quarantine(catalog, title)
    assert faults_of(CUT_SHORT, by_name(place, CUT_SHORT)) == []


def test_a_whole_sample_must_be_published_and_answer(place: Deployment, catalog: Catalog) -> None:
    title = add(catalog, Title("movie", "1"), BUNNY.name)
    quarantine(catalog, title, "The file ends early.")
    assert faults_of(BUNNY, by_name(place, BUNNY)) == [
        f"movie 1, {BUNNY.name}, is quarantined, not published: The file ends early."
    ]
    catalog.verdicts.requeue(title)
    publish(catalog, title)
    faults = faults_of(BUNNY, by_name(place, BUNNY))
    assert "media.example/hls/movies/1/master.m3u8 does not answer" in faults[0]


def test_a_sample_that_is_not_there_is_a_fault() -> None:
    assert faults_of(BUNNY, None) == [f"{BUNNY.name} is not in the catalog"]
