"""What must hold whatever broke. Each is a pure function from an observation to the sentences against it."""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.faults.observation import AttemptSeen, Observation, StreamSeen, TitleSeen

_TOLERANCE_SECONDS = 0.35
"""Sound is encoded in frames, and begins before its picture."""

Invariant = Callable[[Observation], Iterator[str]]


def streams_are_whole(seen: Observation) -> Iterator[str]:
    """1. Each stable manifest names files that are in the bucket, byte for byte, and plays."""
    for title in seen.titles:
        for key in sorted(title.listed - seen.objects.keys()):
            yield f"movie {title.title}: its release lists {key}, which is not in the bucket"
        for name, stream in title.streams.items():
            yield from (f"movie {title.title}, {name}: {each}" for each in _faults_of(stream, seen))


def _faults_of(stream: StreamSeen, seen: Observation) -> Iterator[str]:
    if not stream.segments:
        yield "names no segment"
    for key, file in sorted(stream.files.items()):
        stored = seen.objects.get(key)
        if file.status != 200:
            yield f"{key} answers {file.status}"
        elif stored is None:
            yield f"{key} is not in the bucket's listing"
        elif (file.md5, file.size) != (stored.etag, stored.size):
            yield f"{key} is not the file of the listing"
    if abs(stream.decoded_seconds - stream.seconds) > _TOLERANCE_SECONDS:
        yield f"says {stream.seconds:.2f} s and plays {stream.decoded_seconds:.2f} s"


def streams_and_catalog_agree(seen: Observation) -> Iterator[str]:
    """1. HLS, DASH and the user's row tell of the same release once no claim is held."""
    claimed = {claim.title for claim in seen.claims}
    for title in seen.titles:
        if f"movie {title.title}" not in claimed:
            yield from (f"movie {title.title}: {each}" for each in _disagreements(title))


def _disagreements(title: TitleSeen) -> Iterator[str]:
    hls, dash, row = title.streams.get("hls"), title.streams.get("dash"), title.row
    if (hls is None) != (dash is None):
        yield "one of HLS and DASH is there without the other"
    if hls is not None and dash is not None and not hls.segments & dash.segments:
        yield "HLS and DASH lead to different releases"
    if row is None:
        return
    if (row.hls_url is None) != (hls is None):
        yield f"the row says {row.hls_url}, and the stable playlist is {'there' if hls else 'not there'}"
    seconds = row.duration_seconds
    if hls is not None and seconds is not None and abs(seconds - hls.seconds) > 0.5:
        yield f"the row says {seconds} s, and the stream {hls.seconds:.2f} s"


def manifests_never_go_back(seen: Observation) -> Iterator[str]:
    """1. A manifest never goes back to an older one, whatever wakes late."""
    before: dict[tuple[int, str], list[str]] = {}
    for sighting in sorted(seen.sightings, key=lambda each: each.at):
        if sighting.digest is None:
            continue
        known = before.setdefault((sighting.title, sighting.stream), [])
        if known and known[-1] != sighting.digest:
            if sighting.digest in known:
                yield f"movie {sighting.title}: the {sighting.stream} manifest went back to an older one"
            known.append(sighting.digest)
        elif not known:
            known.append(sighting.digest)


def what_plays_goes_on_playing(seen: Observation) -> Iterator[str]:
    """2. A published title never stops playing."""
    yield from seen.broken
    published: set[tuple[int, str]] = set()
    for sighting in sorted(seen.sightings, key=lambda each: each.at):
        stream = (sighting.title, sighting.stream)
        if sighting.digest is not None:
            published.add(stream)
        elif stream in published:
            yield f"movie {sighting.title}: the {sighting.stream} manifest was gone after it had been there"
            published.discard(stream)


def only_what_was_published_has_manifests(seen: Observation) -> Iterator[str]:
    """2. A title that was never published has no stable manifest."""
    published = {attempt.title for attempt in seen.attempts if attempt.outcome == "published"}
    for title in seen.titles:
        if title.streams and f"movie {title.title}" not in published:
            yield f"movie {title.title} was never published, and has {' and '.join(title.streams)}"


def everything_ends(seen: Observation) -> Iterator[str]:
    """3. Held claims have a run that can end them; nights end; what can be converted is."""
    yield from seen.not_healed
    for claim in seen.claims:
        if claim.run_state not in ("queued", "running"):
            yield f"{claim.title} is claimed for {claim.run_id}, which is {claim.run_state or 'not there'}"
    for night in seen.nights:
        if night.state not in ("success", "failed"):
            yield f"the night {night.run_id} is {night.state}"
    for title in seen.titles:
        hls = title.streams.get("hls")
        if title.wanted is None:
            continue
        if hls is None:
            yield f"movie {title.title} can be converted, and is not"
        elif abs(hls.seconds - title.wanted) > 0.5:
            yield f"movie {title.title} plays {hls.seconds:.2f} s of a film of {title.wanted} s"


def claims_last_as_long_as_their_runs(seen: Observation) -> Iterator[str]:
    """3. However long a step takes, its run keeps its title, unless what renews the claim was broken."""
    for attempt in seen.attempts:
        if seen.claims_kept and attempt.outcome == "expired":
            yield f"the claim of {attempt.run_id} on {attempt.title} ran out, and nothing had stopped it"


def nothing_is_left_behind(seen: Observation) -> Iterator[str]:
    """4. After two housekeepings, what is Nightreel's is a stable manifest, or of a release that plays."""
    accounted = {stream.key for title in seen.titles for stream in title.streams.values()}
    accounted |= {key for title in seen.titles for key in title.listed}
    left = Counter(
        _folder(key)
        for key in seen.objects.keys() - accounted - seen.kept.keys()
        if key.startswith(seen.own_prefix)
    )
    for folder, count in sorted(left.items()):
        yield f"{count} files of {folder} belong to nothing that plays"
    yield from (f"{path} is left in the work area" for path in seen.work_files)


def _folder(key: str) -> str:
    return key.rpartition("/")[0] + "/"


def others_are_untouched(seen: Observation) -> Iterator[str]:
    """4. Other applications' keys and uploads, and the user's own sources, are as they were."""
    for key, etag in sorted(seen.kept.items()):
        stored = seen.objects.get(key)
        if stored is None:
            yield f"{key}, which is not Nightreel's, is gone"
        elif stored.etag != etag:
            yield f"{key}, which is not Nightreel's, was written over"
    for key in sorted(seen.foreign_uploads_wanted - seen.foreign_uploads):
        yield f"another application's upload of {key} was aborted"


def reports_tell_what_was(seen: Observation) -> Iterator[str]:
    """5. A report's counts are the outcomes of its night."""
    for report in seen.reports:
        latest: dict[str, AttemptSeen] = {}
        for attempt in sorted(seen.attempts, key=lambda each: each.began):
            if attempt.night == report.night:
                latest[attempt.title] = attempt
        counted = Counter(attempt.outcome for attempt in latest.values())
        if sum(report.counts.values()) != len(latest):
            yield f"{report.night} reports {dict(report.counts)}, and had {len(latest)} titles"
        # What was unfinished then has ended since, as one of the others.
        open_then = report.counts.get("unfinished", 0)
        for outcome, count in counted.items():
            told = report.counts.get(outcome or "unfinished", 0)
            if not told <= count <= told + open_then:
                yield f"{report.night} reports {told} titles {outcome}, and {count} were"


def red_runs_published_nothing(seen: Observation) -> Iterator[str]:
    """5. A red run is never a published title, unless a person marked it."""
    published = {attempt.run_id for attempt in seen.attempts if attempt.outcome == "published"}
    for run in seen.title_runs:
        if run.state == "failed" and not run.marked and run.run_id in published:
            yield f"{run.run_id} failed, and its title was published by it"


def nothing_goes_on(seen: Observation) -> Iterator[str]:
    """6. No process of a lost claim writes or runs after a bounded time."""
    yield from (f"still runs: {each}" for each in seen.processes)
    for key in sorted(seen.objects.keys() | seen.later_objects.keys()):
        if seen.objects.get(key) != seen.later_objects.get(key):
            yield f"{key} changed although nothing was in work"


def nothing_leaks(seen: Observation) -> Iterator[str]:
    """7. No secret and no signature where people, programs or the public can read it."""
    yield from seen.leaks


INVARIANTS: tuple[Invariant, ...] = (
    streams_are_whole,
    streams_and_catalog_agree,
    manifests_never_go_back,
    what_plays_goes_on_playing,
    only_what_was_published_has_manifests,
    everything_ends,
    claims_last_as_long_as_their_runs,
    nothing_is_left_behind,
    others_are_untouched,
    reports_tell_what_was,
    red_runs_published_nothing,
    nothing_goes_on,
    nothing_leaks,
)


def judge(seen: Observation) -> list[str]:
    """Every sentence against the observation, with the invariant that it breaks; empty if all hold."""
    return [f"{invariant.__name__}: {said}" for invariant in INVARIANTS for said in invariant(seen)]
