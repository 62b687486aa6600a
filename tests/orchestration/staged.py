"""A title on the way: claimed, its release made and uploaded, but not published yet.

The release is that of a title that was converted, given the id of the new claim; so each
test of publishing has one without encoding anything.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.sdk.execution_time.context import set_current_context

from nightreel.catalog import Claim
from nightreel.media.planning.plan import Plan
from nightreel.orchestration.conversion.scope import Scope
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.releases.references import flat
from nightreel.releases.upload import outgoing, upload_files
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.workspace import names
from nightreel.workspace.locations import open_area
from tests.laid_out import lay_out
from tests.orchestration.installation import Installation


@dataclass(frozen=True)
class Staged:
    """What the tasks of a run have: the ticket, and the run's id."""

    title: Title
    claim: Claim
    run_id: str

    @property
    def ticket(self) -> dict[str, Any]:
        return Ticket(
            content_type=self.title.content_type,
            content_id=self.title.content_id,
            token=self.claim.token,
            release=self.claim.release,
            claimed_at=0.0,
        ).model_dump(mode="json")


@contextmanager
def task_of(run_id: str) -> Iterator[None]:
    """As within a task of this run."""
    with set_current_context({"run_id": run_id}):  # type: ignore[typeddict-item]
        yield


@dataclass(frozen=True)
class Made:
    """A release that was converted, on this machine: one flat folder, as it was packaged."""

    directory: Path
    manifest: ReleaseManifest


def bring_back(installation: Installation, title: Title, directory: Path) -> Made:
    """The published release of a title, downloaded."""
    current = installation.conversion(title)["release"]
    manifest = installation.manifest(title, current)
    for file in manifest.files:
        installation.bucket.download(manifest.key_of(file.name), directory / file.name)
    for path in (directory / MASTER, directory / MPD):
        path.write_text(flat(path.name, path.read_text("utf-8")), "utf-8")
    return Made(directory, manifest)


def stage(
    installation: Installation, title: Title, made: Made, *, force: bool = False, run_id: str = ""
) -> Staged:
    """Brings a title as far as the upload, with a release that was made for another."""
    run_id = run_id or f"manual__{title.content_id}_{force}"
    claim = installation.catalog.claims.one(title, run_id, installation.settings.lease, force=force)
    assert isinstance(claim, Claim), claim
    manifest = made.manifest.model_copy(update={"release": claim.release, "content_id": title.content_id})
    with open_area(installation.settings.work_area, title, claim.release) as area:
        with area.writing(names.RELEASE) as directory:
            shutil.copytree(made.directory, directory)
        with area.writing(names.PLAN) as path:
            path.write_text(Plan.model_validate(manifest.plan).model_dump_json())
        with area.writing(names.SCOPE) as path:
            path.write_text(Scope(complete=True, timeline=claim.release).model_dump_json())
        with area.writing(names.MANIFESTS) as manifests:
            manifest = lay_out(manifest, made.directory, manifests)
        files = outgoing(manifest, area.fetch(names.RELEASE), area.fetch(names.MANIFESTS))
        upload_files(installation.bucket, files, threads=4)
    return Staged(title, claim, run_id)
