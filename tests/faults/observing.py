"""Looks at a stack from outside, once everything should be at rest."""

import hashlib
import os
import re
import subprocess
import time
from pathlib import Path

import httpx

from nightreel.media.programs.binaries import find_binaries
from nightreel.vocabulary.layout import track_prefix
from nightreel.vocabulary.release import MANIFEST, TRACK
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.tracks import STILLS
from tests.faults.faults.programs import ffmpegs
from tests.faults.following import fetch_text, folder_of_dash, follow_dash, follow_hls
from tests.faults.library import FOREIGN_PREFIX
from tests.faults.observation import (
    AttemptSeen,
    ClaimSeen,
    FileSeen,
    ObjectSeen,
    Observation,
    ReportSeen,
    RowSeen,
    RunSeen,
    Stream,
    StreamSeen,
    TitleSeen,
)
from tests.faults.scene import Scene, found_in_time
from tests.faults.stack import Ground
from tests.faults.watching import STABLE, Viewer, stable_url

OWN_PREFIX = "hls/"

_REST_SECONDS = 5.0
_PROCESS_SECONDS = 60.0
_TIME = re.compile(r"time=(\d+):(\d+):([\d.]+)")


def observe(
    scene: Scene, viewer: Viewer, not_healed: list[str], leaks: list[str], claims_kept: bool
) -> Observation:
    """Everything that the invariants ask for."""
    ground, library = scene.ground, scene.library
    running = _still_running(scene)
    objects, looked = _listing(ground), time.monotonic()
    titles = tuple(_title(scene, title) for title in library.titles)
    nights = tuple(runs(scene, "nightly_backlog"))
    named = {night.run_id for night in nights}
    attempts = [
        each
        for each in _attempts(ground)
        if each.night in named or each.title in {f"movie {title}" for title in library.titles}
    ]
    time.sleep(max(0.0, looked + _REST_SECONDS - time.monotonic()))
    return Observation(
        titles=titles,
        sightings=tuple(viewer.sightings),
        broken=tuple(viewer.broken),
        not_healed=tuple(not_healed),
        claims=tuple(claims(ground)),
        nights=nights,
        title_runs=tuple(runs(scene, "convert_title")),
        attempts=tuple(attempts),
        claims_kept=claims_kept,
        reports=tuple(each for each in _reports(ground) if each.night in named),
        objects=objects,
        later_objects=_listing(ground),
        kept={**scene.earlier, **library.stored},
        foreign_uploads=_foreign_uploads(ground),
        foreign_uploads_wanted=frozenset({library.foreign_upload}),
        own_prefix=OWN_PREFIX,
        work_files=tuple(str(each) for each in sorted(ground.work.rglob("*")) if each.is_file()),
        processes=running,
        leaks=tuple(leaks),
    )


def claims(ground: Ground) -> list[ClaimSeen]:
    """The claims that are held now."""
    held = ground.rows(
        "SELECT content_type || ' ' || content_id, owner FROM nightreel.conversions WHERE state = 'claimed'"
    )
    if not held:
        return []
    states = {run["dag_run_id"]: run["state"] for run in ground.runs("convert_title")}
    return [ClaimSeen(title, run_id, states.get(run_id)) for title, run_id in held]


def runs(scene: Scene, dag: str) -> list[RunSeen]:
    return [
        RunSeen(run["dag_run_id"], run["state"], marked=run["dag_run_id"] in scene.marked_runs)
        for run in scene.ground.runs(dag, scene.since)
    ]


def _title(scene: Scene, title: int) -> TitleSeen:
    found = scene.ground.rows("SELECT hls_url, dash_url, duration_seconds FROM movies WHERE id = %s", title)
    row = RowSeen(*found[0]) if found else None
    streams: dict[Stream, StreamSeen] = {}
    # As a player, from where it is public; a proxy of the machine must not stand before the loopback.
    with httpx.Client(timeout=60, trust_env=False) as client:
        for stream in STABLE:
            if (seen := _stream(client, scene.ground, title, stream)) is not None:
                streams[stream] = seen
        listed = _listed(client, scene.ground, title)
    return TitleSeen(title, scene.library.wanted.get(title), row, streams, listed)


def _stream(client: httpx.Client, ground: Ground, title: int, stream: Stream) -> StreamSeen | None:
    base = ground.addresses.public_url
    url = stable_url(base, title, stream)
    text = fetch_text(client, url)
    if text is None:
        return None
    if stream == "hls":
        followed = follow_hls(url, text, lambda each: fetch_text(client, each))
    else:
        followed = follow_dash(url, text)
    urls = sorted({url, *followed.files})
    return StreamSeen(
        key=url.removeprefix(f"{base}/"),
        seconds=followed.seconds,
        decoded_seconds=decoded_seconds(url),
        files={each.removeprefix(f"{base}/"): _file(client.get(each)) for each in urls},
        segments=followed.segments,
    )


def _listed(client: httpx.Client, ground: Ground, title: int) -> frozenset[str]:
    """Nothing where no release plays, or has no list."""
    url = stable_url(ground.addresses.public_url, title, "dash")
    text = fetch_text(client, url)
    folder = None if text is None else folder_of_dash(url, text)
    content = None if folder is None else fetch_text(client, folder + MANIFEST)
    if content is None:
        return frozenset()
    manifest = ReleaseManifest.model_validate_json(content)
    files = {manifest.key_of(name) for name in (MANIFEST, *(file.name for file in manifest.files))}
    made = (track for rendition, track in manifest.tracks.items() if rendition != STILLS)
    return frozenset(files | {track_prefix(manifest.title, track) + TRACK for track in made})


def _file(answer: httpx.Response) -> FileSeen:
    digest = hashlib.md5(answer.content, usedforsecurity=False).hexdigest()
    return FileSeen(answer.status_code, digest, len(answer.content))


def decoded_seconds(url: str) -> float:
    """How much of a stream's picture FFmpeg decodes; 0 where it does not open it."""
    command = [find_binaries().ffmpeg, "-nostdin", "-hide_banner", "-xerror", "-i", url]
    command += ["-map", "0:v:0", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    times = _TIME.findall(done.stderr)
    if done.returncode != 0 or not times:
        return 0.0
    hours, minutes, seconds = times[-1]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _listing(ground: Ground) -> dict[str, ObjectSeen]:
    pages = ground.s3.get_paginator("list_objects_v2").paginate(Bucket=ground.addresses.bucket)
    return {
        item["Key"]: ObjectSeen(item["ETag"].strip('"'), item["Size"])
        for page in pages
        for item in page.get("Contents", [])
        if not item["Key"].endswith("/")
    }


def _foreign_uploads(ground: Ground) -> frozenset[str]:
    answer = ground.s3.list_multipart_uploads(Bucket=ground.addresses.bucket)
    keys = (each["Key"] for each in answer.get("Uploads", []))
    return frozenset(key for key in keys if key.startswith(FOREIGN_PREFIX))


def _attempts(ground: Ground) -> list[AttemptSeen]:
    found = ground.rows(
        "SELECT content_type || ' ' || content_id, owner, night, outcome, started_at FROM nightreel.attempts"
    )
    return [AttemptSeen(*row) for row in found]


def _reports(ground: Ground) -> tuple[ReportSeen, ...]:
    """The latest report of each night, as it is told to receivers."""
    found = ground.rows(
        "SELECT payload FROM nightreel.events WHERE kind = 'backlog_report' ORDER BY occurred_at"
    )
    latest: dict[str, ReportSeen] = {}
    for (payload,) in found:
        latest[payload["job_id"]] = ReportSeen(payload["job_id"], payload["counts"])
    return tuple(latest.values())


def _still_running(scene: Scene) -> tuple[str, ...]:
    """FFmpegs that have not ended a minute after there is nothing to convert."""
    if found_in_time(lambda: True if next(ffmpegs(scene), None) is None else None, _PROCESS_SECONDS):
        return ()
    return tuple(str(process) for process in ffmpegs(scene))


def age(ground: Ground) -> None:
    """Lets an hour and a bit pass for the catalog and the work area, while nothing is in work."""
    columns = ground.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'nightreel'"
        " AND data_type = 'timestamp with time zone'"
    )
    for table, column in columns:
        ground.rows(f'UPDATE nightreel."{table}" SET "{column}" = "{column}" - interval \'65 minutes\'')
    for path in [ground.work, *ground.work.rglob("*")]:
        _age_file(path)


def _age_file(path: Path) -> None:
    then = time.time() - 65 * 60
    try:
        os.utime(path, (then, then), follow_symlinks=False)
    except FileNotFoundError:
        return
