"""Titles that are published as a run publishes them: real files, in the real bucket, in the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightreel.catalog import Claim, PublishedResult, Variant
from nightreel.encryption import protection_for
from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.stills.stills import write_stills
from nightreel.releases.publish import publish_manifests
from nightreel.releases.upload import outgoing, upload_files
from nightreel.vocabulary.protection import Protection, Scheme
from nightreel.vocabulary.release import POSTER
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import LEASE, Database
from tests.fixtures_object_store import unasked
from tests.laid_out import lay_out
from tests.media.encoded import TIMEOUT_SECONDS

CHECKS = {"passed": True, "suites": {"files": 12, "renditions": 30}, "failures": [], "advice": []}


@dataclass(frozen=True)
class Publisher:
    """Publishes titles from files that are encoded once."""

    services: Services
    database: Database
    encoded: Mapping[str, Path]
    plan: Plan
    folder: Path

    def claimed(self, content_id: int, name: str, run_id: str) -> Claim:
        """The claim of a run on a new movie."""
        title = self.database.add_movie(content_id)
        self.database.query("UPDATE movies SET title = %s WHERE id = %s", name, content_id)
        return self.claim(title, run_id)

    def claim(self, title: Title, run_id: str) -> Claim:
        claim = self.services.catalog.claims.one(title, run_id, LEASE, force=True)
        assert isinstance(claim, Claim)
        return self.services.catalog.leases.adopt(title, claim.token, run_id, LEASE)

    def release_of(self, title: Title) -> str:
        """The release that is published."""
        record = self.services.catalog.library.find(title)
        assert record
        assert record.release
        return record.release

    def publish(
        self, claim: Claim, *, encrypted: bool = False, quality: dict[str, dict[str, float]] | None = None
    ) -> Title:
        """Packages, uploads and publishes the release of a claim."""
        directory = self.folder / claim.release
        self._package(claim, directory, encrypted=encrypted)
        facts = ReleaseManifest(
            release=claim.release,
            content_type=claim.title.content_type,
            content_id=claim.title.content_id,
            files=(),
            plan=self.plan.model_dump(mode="json"),
            tools={"ffmpeg": "9"},
            checks=CHECKS,
            quality=quality or {},
        )
        bucket, manifests = self.services.bucket, self.folder / f"{claim.release}-manifests"
        manifest = lay_out(facts, directory, manifests)
        upload_files(bucket, outgoing(manifest, directory, manifests), threads=4)
        with self.services.catalog.publications.holding(claim, manifest.tracks.values()) as publication:
            hls_url, dash_url = publish_manifests(bucket, manifest, manifests, unasked)
            publication.complete(
                PublishedResult(
                    hls_url=hls_url,
                    dash_url=dash_url,
                    poster_url=bucket.public_url_of(manifest.key_of(POSTER)),
                    duration_seconds=self.plan.duration,
                    variants=tuple(
                        Variant(each.name, f"{each.width}x{each.height}", each.maxrate_bps, "avc1.4d400c")
                        for each in self.plan.video
                    ),
                    files_uploaded=len(manifest.files) + 1,
                    bytes=manifest.total_bytes,
                    processing_seconds=31.0,
                )
            )
        return claim.title

    def _package(self, claim: Claim, directory: Path, *, encrypted: bool) -> None:
        binaries = find_binaries()
        plan = self.plan.model_copy(update={"encrypted": encrypted})
        package(
            plan,
            self.encoded,
            directory,
            binaries=binaries,
            timeout_seconds=TIMEOUT_SECONDS,
            protection=self._protection(claim) if encrypted else None,
        )
        write_stills(
            plan,
            self.encoded,
            directory,
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=TIMEOUT_SECONDS,
        )

    def _protection(self, claim: Claim) -> Protection:
        scheme: Scheme = "cbcs" if self.plan.container == "cmaf" else "aes-128"
        key = self.services.catalog.content_keys.make(claim, scheme)
        return protection_for(key, self.services.settings)
