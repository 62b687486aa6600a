"""What a night chooses from: whatever stands before a row that can be converted, its turn comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightreel.catalog import Catalog, Claim, load_mapping
from nightreel.catalog.mapping import CatalogMapping
from nightreel.checks.rows import RefusedRow, RowVerdict, faults_of
from nightreel.night.candidates import candidates, judged, without_source
from nightreel.night.rows import SourceRow, within_one_night
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, MAPPING, Database, publish

MOST_BYTES = 1000
CONVERTIBLE = ("good", "failed", "requeued", "mended")
REFUSED = ("no_url", "blank_url", "empty", "too_large", "too_large_at_its_origin", "double")
SET_ASIDE = ("malformed", "quarantined", "given_up", "published", "in_work")
KINDS = CONVERTIBLE + REFUSED + SET_ASIDE


def test_rows_that_cannot_be_converted_take_no_place_in_the_same_night(
    catalog: Catalog, database: Database
) -> None:
    fill(catalog, database, ["too_large_at_its_origin"] * 5 + ["empty"] * 5 + ["good"])
    assert night(catalog, 1).taken == ["episode r10"]


def test_origins_are_asked_once_for_each_row(catalog: Catalog, database: Database) -> None:
    fill(catalog, database, ["too_large_at_its_origin"] * 5 + ["good"] * 2)
    asked: list[str] = []

    def remembering(rows: Sequence[SourceRow]) -> Sequence[SourceRow]:
        asked.extend(row.content_id for row in rows)
        return sized(rows)

    assert [row.content_id for row in candidates(catalog, 1, MOST_BYTES, remembering)][-1] == "r5"
    assert sorted(asked) == sorted(set(asked))


def test_a_night_does_not_look_through_more_bad_rows_than_it_can_hold(
    catalog: Catalog, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightreel.night.candidates.MOST_REFUSED", 3)
    fill(catalog, database, ["empty"] * 9 + ["good"])
    assert [len(night(catalog, 1).refused) for _ in range(3)] == [4, 4, 1]
    assert night(catalog, 1).taken == []
    assert database.query("SELECT count(*) FROM nightreel.conversions WHERE state = 'published'") == [
        {"count": 1}
    ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(KINDS), max_size=12), limit=st.integers(1, 3))
def test_every_row_that_can_be_converted_is_taken_as_soon_as_there_is_room(
    catalog: Catalog, database: Database, kinds: list[str], limit: int
) -> None:
    fill(catalog, database, kinds)
    convertible = [f"episode r{number}" for number, kind in enumerate(kinds) if kind in CONVERTIBLE]
    refused = [f"episode r{number}" for number, kind in enumerate(kinds) if kind in REFUSED]

    nights = [night(catalog, limit) for _ in range(ceil(len(convertible) / limit) + 1)]

    assert [title for each in nights for title in each.taken] == convertible
    assert all(len(each.taken) == limit for each in nights[: len(convertible) // limit])
    # Each is told in one night, and never again.
    assert sorted(title for each in nights for title in each.refused) == sorted(refused)
    assert night(catalog, limit) == Night([], [])
    states = {status.content_id: status.state for status in catalog.titles.status()}
    assert {states[title.partition(" ")[2]] for title in refused} <= {"quarantined"}
    assert catalog.refused_rows.malformed_ids().count == kinds.count("malformed")


@dataclass(frozen=True)
class Night:
    taken: list[str]
    refused: list[str]


def night(catalog: Catalog, limit: int) -> Night:
    """As the tasks of `nightly_backlog` do; every title that is taken is published."""
    rows = [*candidates(catalog, limit, MOST_BYTES, sized), *without_source(catalog, MOST_BYTES)]
    verdict = judged(catalog, [row.scanned for row in rows], at_once)
    tonight = within_one_night(verdict.accepted, limit, 1000.0)
    claims = catalog.claims.of_night([row.title for row in tonight], "the night", LEASE)
    for claim in claims:
        publish(catalog, claim)
    return Night(
        [str(claim.title) for claim in claims], [str(refused.row.title) for refused in verdict.refused]
    )


def at_once(rows: Sequence[SourceRow]) -> RowVerdict[SourceRow]:
    """`check_rows`, without the wait for Great Expectations; tests/checks/test_rows.py shows them equal."""
    faults = [(row, faults_of(row, MOST_BYTES)) for row in rows]
    return RowVerdict(
        tuple(row for row, fault in faults if fault is None),
        tuple(RefusedRow(row, fault) for row, fault in faults if fault is not None),
    )


def sized(rows: Sequence[SourceRow]) -> Sequence[SourceRow]:
    """What origins say."""
    return [
        row.model_copy(update={"source_bytes": MOST_BYTES + 1})
        if row.video_url == "too_large_at_its_origin.mp4"
        else row
        for row in rows
    ]


@pytest.fixture
def database(demo_dsn: str) -> Database:
    database = Database(demo_dsn)
    database.query("ALTER TABLE episodes ALTER id DROP IDENTITY, DROP CONSTRAINT episodes_pkey")
    database.query("ALTER TABLE episodes ALTER id TYPE text, ADD size bigint")
    return database


@pytest.fixture
def catalog(database: Database) -> Catalog:
    content = load_mapping(MAPPING).model_dump()
    content["content_types"]["episode"]["columns"]["source_bytes"] = "size"
    catalog = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    catalog.schema.migrate()
    return catalog


def fill(catalog: Catalog, database: Database, kinds: Sequence[str]) -> None:
    """A table with a row of each kind, the first the oldest, named r0, r1 …"""
    database.query("TRUNCATE episodes, nightreel.conversions, nightreel.attempts, nightreel.releases CASCADE")
    sizes = {"empty": 0, "too_large": MOST_BYTES + 1}
    urls = {"no_url": None, "blank_url": " "}
    for number, kind in enumerate(kinds):
        content_id = f"r/{number}" if kind == "malformed" else f"r{number}"
        database.query(
            "INSERT INTO episodes (id, title, video_url, size, created_at)"
            " VALUES (%s, 'E', %s, %s, timestamptz '2026-01-01' + %s * interval '1 minute')",
            content_id,
            urls.get(kind, f"{kind}.mp4"),
            sizes.get(kind),
            number,
        )
        if kind == "double":
            database.query(
                "INSERT INTO episodes (id, title, video_url) VALUES (%s, 'E', 'b.mp4')", content_id
            )
        if kind != "malformed":
            bring_to(catalog, database, Title("episode", content_id), kind)


def bring_to(catalog: Catalog, database: Database, title: Title, kind: str) -> None:
    def claimed() -> Claim:
        claim = catalog.claims.one(title, "an earlier run", LEASE)
        assert isinstance(claim, Claim)
        return claim

    match kind:
        case "failed":
            catalog.verdicts.fail(claimed(), "encoder", "It broke.")
        case "given_up":
            for _ in range(5):
                catalog.verdicts.fail(claimed(), "encoder", "It broke.")
        case "quarantined":
            catalog.verdicts.quarantine(claimed(), "no_video", "It has no picture.")
        case "requeued":
            catalog.verdicts.quarantine(claimed(), "no_video", "It has no picture.")
            catalog.verdicts.requeue(title)
        case "mended":
            catalog.verdicts.quarantine(claimed(), "no_video", "It has no picture.")
            database.query(
                "UPDATE episodes SET video_url = 'mended again.mp4' WHERE id = %s", title.content_id
            )
        case "published":
            publish(catalog, claimed())
        case "in_work":
            claimed()
