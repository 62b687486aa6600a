"""Each invariant catches a wrong observation that is planted, and none of them minds a right one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.faults.invariants import INVARIANTS, judge
from tests.faults.observation import (
    AttemptSeen,
    ClaimSeen,
    FileSeen,
    ObjectSeen,
    Observation,
    ReportSeen,
    RowSeen,
    RunSeen,
    Sighting,
    Stream,
    StreamSeen,
    TitleSeen,
)

TITLE = "hls/movies/1/"
SEGMENT = f"{TITLE}tracks/v-b/v_0.m4s"
POSTER = f"{TITLE}tracks/stills-b/poster.jpg"
NIGHT, RUN = "night", "backlog__1"
THEN = datetime(2026, 1, 1, tzinfo=UTC)

Change = Callable[[Observation], Observation]


def stream(manifest: str, *others: str) -> StreamSeen:
    files = {key: FileSeen(200, f"md5 of {key}", 5) for key in (TITLE + manifest, SEGMENT, *others)}
    return StreamSeen(TITLE + manifest, 1.0, 1.04, files, frozenset({f"http://cdn/{SEGMENT}"}))


def right() -> Observation:
    """A film of a second that was replaced once and plays, and a title of which nothing can be made."""
    streams: dict[Stream, StreamSeen] = {
        "hls": stream("master.m3u8", f"{TITLE}tracks/v-b/v.m3u8"),
        "dash": stream("manifest.mpd"),
    }
    row = RowSeen(f"http://cdn/{TITLE}master.m3u8", f"http://cdn/{TITLE}manifest.mpd", 1)
    named = {key for each in streams.values() for key in each.files}
    # No manifest names the picture, nor the list itself.
    listed = {f"{TITLE}releases/b/release.json", POSTER, *named} - {each.key for each in streams.values()}
    stored = {key: ObjectSeen(f"md5 of {key}", 5) for key in (*named, *listed, "sources/1.mp4")}
    return Observation(
        titles=(
            TitleSeen(1, 1, row, streams, frozenset(listed)),
            TitleSeen(9, None, RowSeen(None, None, None), {}),
        ),
        sightings=tuple(Sighting(1, "hls", at, digest) for at, digest in ((1, None), (2, "a"), (3, "b"))),
        nights=(RunSeen(NIGHT, "failed"),),
        title_runs=(RunSeen(RUN, "success"), RunSeen("by hand", "failed", marked=True)),
        attempts=(
            AttemptSeen("movie 1", RUN, NIGHT, "published", THEN),
            AttemptSeen("movie 1", "by hand", None, "published", THEN),
            AttemptSeen("movie 9", "backlog__9", NIGHT, "quarantined", THEN),
        ),
        reports=(ReportSeen(NIGHT, {"published": 1, "unfinished": 1}),),
        objects=stored,
        later_objects=dict(stored),
        kept={"sources/1.mp4": "md5 of sources/1.mp4"},
        foreign_uploads=frozenset({"backups/x"}),
        foreign_uploads_wanted=frozenset({"backups/x"}),
        own_prefix="hls/",
    )


def of_title(**changes: object) -> Change:
    def change(seen: Observation) -> Observation:
        first, *others = seen.titles
        return replace(seen, titles=(replace(first, **changes), *others))  # type: ignore[arg-type]

    return change


def of_hls(**changes: object) -> Change:
    def change(seen: Observation) -> Observation:
        streams = dict(seen.titles[0].streams)
        streams["hls"] = replace(streams["hls"], **changes)  # type: ignore[arg-type]
        return of_title(streams=streams)(seen)

    return change


def of(**changes: object) -> Change:
    return lambda seen: replace(seen, **changes)  # type: ignore[arg-type]


def without_object(key: str) -> Change:
    def change(seen: Observation) -> Observation:
        left = {each: stored for each, stored in seen.objects.items() if each != key}
        return replace(seen, objects=left, later_objects=left)

    return change


def with_object(key: str) -> Change:
    def change(seen: Observation) -> Observation:
        more = {**seen.objects, key: ObjectSeen("x", 1)}
        return replace(seen, objects=more, later_objects=more)

    return change


def sightings(*digests: str | None) -> Change:
    return of(sightings=tuple(Sighting(1, "hls", at, digest) for at, digest in enumerate(digests)))


PLANTED: dict[str, tuple[str, Change]] = {
    "a file that is missing": ("streams_are_whole", of_hls(files={SEGMENT: FileSeen(404, "", 0)})),
    "a file that is another": ("streams_are_whole", of_hls(files={SEGMENT: FileSeen(200, "other", 5)})),
    "a file that is not listed": ("streams_are_whole", without_object(SEGMENT)),
    "a picture that is gone": ("streams_are_whole", without_object(POSTER)),
    "a stream that ends early": ("streams_are_whole", of_hls(decoded_seconds=0.4)),
    "an empty playlist": ("streams_are_whole", of_hls(segments=frozenset())),
    "HLS of another release": ("streams_and_catalog_agree", of_hls(segments=frozenset({"http://cdn/other"}))),
    "a row of another length": ("streams_and_catalog_agree", of_title(row=RowSeen("x", "y", 3))),
    "a row without its stream": ("streams_and_catalog_agree", of_title(streams={}, wanted=None)),
    "an older manifest again": ("manifests_never_go_back", sightings("a", "b", "a")),
    "a manifest that is gone": ("what_plays_goes_on_playing", sightings("a", None)),
    "a file that was gone for a moment": ("what_plays_goes_on_playing", of(broken=("v_0.m4s",))),
    "a public failure": ("only_what_was_published_has_manifests", of(attempts=(), reports=())),
    "a night that goes on": ("everything_ends", of(nights=(RunSeen(NIGHT, "running"),))),
    "a claim of a dead run": ("everything_ends", of(claims=(ClaimSeen("movie 1", RUN, "failed"),))),
    "a claim of no run": ("everything_ends", of(claims=(ClaimSeen("movie 1", RUN, None),))),
    "an old film": ("everything_ends", of_title(wanted=2)),
    "a film that is never made": ("everything_ends", of_title(streams={}, row=RowSeen(None, None, None))),
    "a patience that was over": ("everything_ends", of(not_healed=("movie 1 is claimed",))),
    "a claim that ran out": (
        "claims_last_as_long_as_their_runs",
        of(claims_kept=True, attempts=(AttemptSeen("movie 1", RUN, NIGHT, "expired", THEN),)),
    ),
    "a track that nobody plays": ("nothing_is_left_behind", with_object(f"{TITLE}tracks/v-a/v_0.m4s")),
    "a file beside those of a track": ("nothing_is_left_behind", with_object(f"{TITLE}tracks/v-b/v_9.m4s")),
    "a work file": ("nothing_is_left_behind", of(work_files=("/work/movie/1/source.mp4",))),
    "a source that is gone": ("others_are_untouched", without_object("sources/1.mp4")),
    "a source that was written over": ("others_are_untouched", of(kept={"sources/1.mp4": "another"})),
    "another's upload that was aborted": ("others_are_untouched", of(foreign_uploads=frozenset())),
    "a report of too many": ("reports_tell_what_was", of(reports=(ReportSeen(NIGHT, {"published": 3}),))),
    "a report of other outcomes": (
        "reports_tell_what_was",
        of(reports=(ReportSeen(NIGHT, {"failed": 1, "quarantined": 1}),)),
    ),
    "a red run that published": ("red_runs_published_nothing", of(title_runs=(RunSeen(RUN, "failed"),))),
    "a late write": ("nothing_goes_on", of(later_objects={})),
    "an FFmpeg that is left": ("nothing_goes_on", of(processes=("ffmpeg 7",))),
    "a secret in a log": ("nothing_leaks", of(leaks=("jwt_secret in scheduler.log",))),
}


def test_a_right_observation_breaks_no_invariant() -> None:
    assert judge(right()) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_wrong_is_told_by_its_invariant(planted: str) -> None:
    invariant, change = PLANTED[planted]
    told = judge(change(right()))
    assert any(said.startswith(f"{invariant}: ") for said in told), told


def test_every_invariant_has_something_planted_that_it_catches() -> None:
    assert {invariant.__name__ for invariant in INVARIANTS} == {name for name, _ in PLANTED.values()}
