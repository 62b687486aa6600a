"""The gate for published titles: everything is fetched by its public URL and judged again."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx
from pydantic import ValidationError

from nightreel.checks.gate import GateResult, judge_release
from nightreel.errors import ReleaseRejected
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe
from nightreel.releases.delivery import Delivery, fetch
from nightreel.releases.manifests import folder_of_master
from nightreel.releases.publish import stable_texts
from nightreel.releases.references import flat, placed
from nightreel.vocabulary import release
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.release import MEDIA_CACHE, STABLE_CACHE
from nightreel.vocabulary.release_manifest import ReleaseFile, ReleaseManifest

_THREADS = 8
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class PublishedRelease:
    """A release as downloaded. `deviations` are sentences on what is not as it should be.

    `manifest` is None when the title leads to no release.
    """

    manifest: ReleaseManifest | None
    deviations: tuple[str, ...]


@dataclass(frozen=True)
class PublishedVerdict:
    """The verdict on a title's public URLs. `gate` is None when there is nothing to judge."""

    release: str | None
    deviations: tuple[str, ...]
    gate: GateResult | None

    @property
    def passed(self) -> bool:
        """Whether viewers get what was judged, and the gate still lets it through."""
        return not self.deviations and self.gate is not None and self.gate.passed

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything that is wrong."""
        failures = self.gate.failures if self.gate else ()
        return (*self.deviations, *(str(failure) for failure in failures))


def _in_the_clear(timeline: str) -> ContentKey | None:
    return None


def judge_published(
    master_url: str,
    report_directory: Path | None = None,
    key_of: Callable[[str], ContentKey | None] = _in_the_clear,
) -> PublishedVerdict:
    """Download what the stable master.m3u8 leads to, and judge it as before its upload.

    `key_of` has the key of a timeline, by its id; None for one that is in the clear.
    Raises StorageUnavailable when the host does not answer.
    """
    with (
        tempfile.TemporaryDirectory(prefix="nightreel-verify-") as folder,
        httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=True) as client,
    ):
        found = download_release(master_url, Path(folder), client)
        if found.manifest is None:
            return PublishedVerdict(None, found.deviations, None)
        try:
            key = key_of(found.manifest.timeline)
            gate = _judge_again(Path(folder), found.manifest, report_directory, key)
        except (ValidationError, KeyError):
            told = f"{release.MANIFEST} does not hold the plan and the source that the release was made from"
            return PublishedVerdict(found.manifest.release, (*found.deviations, told), None)
        return PublishedVerdict(found.manifest.release, found.deviations, gate)


def download_release(master_url: str, directory: Path, client: httpx.Client) -> PublishedRelease:
    """Fetch every file of a published release into a directory, comparing sizes and digests.

    The stable manifests are compared with those of the release, and the headers of every
    file with what players need. Raises StorageUnavailable when the host does not answer.
    """
    base = master_url.rpartition("/")[0]
    with tempfile.TemporaryDirectory(prefix="nightreel-stable-") as temporary:
        stable = Path(temporary)
        master = fetch(client, master_url, stable / release.MASTER)
        deviations = [*master.deviations(STABLE_CACHE)]
        folder = folder_of_master(_text(stable / release.MASTER))
        if folder is None:
            return PublishedRelease(None, (*deviations, f"{release.MASTER} points to no release"))
        listing = fetch(client, f"{base}/{folder}{release.MANIFEST}", stable / release.MANIFEST)
        deviations += listing.deviations(MEDIA_CACHE)
        manifest = _manifest(stable / release.MANIFEST)
        if manifest is None:
            told = f"release {PurePosixPath(folder).name} has no {release.MANIFEST} that can be read"
            return PublishedRelease(None, (*deviations, told))
        deviations += _download_files(base, manifest, directory, client)
        if manifest.has_mpd:
            mpd = fetch(client, f"{base}/{release.MPD}", stable / release.MPD)
            deviations += mpd.deviations(STABLE_CACHE)
        deviations += _compare_stable(stable, directory, manifest)
        deviations += _flatten(directory, manifest)
        return PublishedRelease(manifest, tuple(deviations))


def _judge_again(
    directory: Path, manifest: ReleaseManifest, report_directory: Path | None, key: ContentKey | None
) -> GateResult:
    plan = Plan.model_validate(manifest.plan)
    source = SourceProbe.model_validate(manifest.checks["source"])
    return judge_release(directory, plan, source, manifest.checks["fetched_bytes"], report_directory, key)


def _download_files(base: str, manifest: ReleaseManifest, directory: Path, client: httpx.Client) -> list[str]:
    title = title_prefix(manifest.title)

    def download(file: ReleaseFile) -> tuple[str, ...]:
        url = f"{base}/{manifest.key_of(file.name).removeprefix(title)}"
        delivery = fetch(client, url, directory / file.name, limit=file.size)
        return (*delivery.deviations(MEDIA_CACHE), *_content_deviations(delivery, file))

    with ThreadPoolExecutor(_THREADS) as threads:
        return [sentence for told in threads.map(download, manifest.files) for sentence in told]


def _content_deviations(delivery: Delivery, file: ReleaseFile) -> tuple[str, ...]:
    if delivery.status != httpx.codes.OK:
        return ()
    if delivery.size != file.size:
        return (f"{file.name} is not delivered with its {file.size} bytes",)
    if delivery.sha256 != file.sha256:
        return (f"{file.name} is delivered with different content from what was released",)
    return ()


def _compare_stable(stable: Path, directory: Path, manifest: ReleaseManifest) -> list[str]:
    try:
        expected = stable_texts(manifest, directory)
    except ReleaseRejected as error:
        return [error.sentence]
    return [
        f"the stable {name} is not that of release {manifest.release}"
        for name, text in expected.items()
        if _text(stable / name) != text
    ]


def _flatten(directory: Path, manifest: ReleaseManifest) -> list[str]:
    """Has the release's manifests name their neighbours, as the gate judges them."""
    told = []
    for path in (directory / release.MASTER, directory / release.MPD):
        text = _text(path)
        if not text or not manifest.tracks:
            continue
        try:
            neighbours = flat(path.name, text)
            if placed(path.name, neighbours, manifest) != text:
                told.append(f"{path.name} names files elsewhere than where the release has them")
        except ReleaseRejected as error:
            told.append(error.sentence)
        else:
            path.write_text(neighbours, "utf-8")
    return told


def _manifest(path: Path) -> ReleaseManifest | None:
    try:
        return ReleaseManifest.model_validate_json(_text(path))
    except ValidationError:
        return None


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""
