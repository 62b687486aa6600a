"""Whatever is made, published, stopped, withdrawn and cleaned up, and in whatever order: what anybody
is led to is whole, and in the end the bucket holds what is published and nothing else."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nightreel.catalog import Catalog, Claim, claims
from nightreel.errors import ClaimLost
from nightreel.housekeeping.releases import lead_back
from nightreel.releases.deletion import delete_release
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.releases.publish import manifest_urls, publish_manifests
from nightreel.releases.upload import upload_files, verify_presence, verify_upload
from nightreel.releases.withdrawal import TitleInWork, finish_withdrawals, withdraw
from nightreel.settings import Settings
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD, POSTER
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS
from tests.catalog.conftest import LEASE, RESULT, Database
from tests.releases.bucket_model import QUARTER, QUARTERS, BucketModel, ModelTitle, Run, WriteOnItsWay
from tests.releases.bucket_world import (
    CHORES,
    DELETIONS,
    TITLES,
    Chore,
    World,
    delete_all_superseded,
    delete_all_unknown,
    give_up_abandoned,
    return_expired_claims,
)
from tests.releases.followed import named_by
from tests.releases.small_releases import PICTURE, SOUND, Form, make_release
from tests.releases.stopped_process import Process, StoppableConnections

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

numbers = st.sampled_from((7,) * 7 + (8,))
kept = st.sampled_from(((PICTURE,), (PICTURE, SOUND), (SOUND, STILLS)))
forms: st.SearchStrategy[Form] = st.sampled_from(("tracks", "tracks", "tracks", "hls alone", "flat"))
steps = st.sampled_from((None,) * 8 + tuple(range(20)))
uploading = st.sampled_from((None,) * 9 + (4,))
publishing = st.sampled_from((None,) * 5 + (0, 1, 2, 2, 3, 3, 4))
"""To be announced, to be locked, two manifests, and the commit are the steps."""
quarters = st.integers(0, QUARTERS)


class BucketMachine(RuleBasedStateMachine):
    """Every rule does what a task, a person or housekeeping does, and tells the model."""

    runs = Bundle("runs")

    def __init__(self, world: World) -> None:
        super().__init__()
        world.begin()
        self.world = world
        self.catalog, self.bucket = world.catalog, world.stoppable
        self.model = BucketModel({number: ModelTitle(Title("movie", str(number))) for number in TITLES})
        self.folder = Path(mkdtemp(dir=world.folder))
        self.read: dict[str, set[str]] = {}

    def do(self, act: Callable[[], object], steps: int | None = None, by: Run | None = None) -> bool:
        is_done = self.world.process.run(act, steps)
        if (send := self.world.process.late_write) is not None:
            self.model.late_writes.append(WriteOnItsWay(send, by))
        return is_done

    def begin(self, number: int, kept: Collection[str], form: Form) -> Run:
        """A run that claims a title, whatever had it claimed before, and makes a release."""
        title = self.model.titles[number]
        self.world.let_claims_lapse(title.title.content_id)
        run_id = f"run-{self.world.releases}"
        claim = self.catalog.claims.one(title.title, run_id, LEASE, force=True)
        assert isinstance(claim, Claim)
        earlier = title.published.release.manifest if title.published else None
        folder = self.folder / claim.release
        run = Run(claim, make_release(folder, title.title, claim.release, form, earlier, kept))
        title.begin(run)
        return run

    def title_of(self, run: Run) -> ModelTitle:
        return self.model.titles[int(run.claim.title.content_id)]

    def upload(self, run: Run, steps: int | None) -> None:
        """What a run uploads that lost its claim is nobody's."""
        release = run.release
        run.is_uploaded |= self.do(lambda: upload_files(self.bucket, release.files, threads=1), steps)
        run.sent = release.own_keys & self.world.keys()
        if run.is_uploaded and self.title_of(run).claimed_by is run:
            verify_upload(self.bucket, release.files)
            verify_presence(self.bucket, release.manifest)

    def publish(self, run: Run, steps: int | None) -> None:
        title, manifest = self.title_of(run), run.release.manifest
        hls_url, dash_url = manifest_urls(self.bucket, manifest.title, has_mpd=manifest.has_mpd)
        poster_url = self.bucket.public_url_of(manifest.key_of(POSTER))
        result = replace(RESULT, hls_url=hls_url, dash_url=dash_url, poster_url=poster_url)

        def act() -> None:
            with self.catalog.publications.holding(run.claim, manifest.tracks.values()) as publication:
                publication.complete(result)
                publish_manifests(self.bucket, manifest, run.release.manifests, publication.require_lock)
                self.world.process.step()

        if title.claimed_by is not run:
            with pytest.raises(ClaimLost):
                act()
            return
        if steps != 0:
            run.state = "announced"
        if self.do(act, steps, run):
            title.publish(run)
            self.model.drop_late_writes(run)

    @rule(target=runs, number=numbers, form=forms, uploading=uploading, publishing=publishing)
    def convert(self, number: int, form: Form, uploading: int | None, publishing: int | None) -> Run:
        run = self.begin(number, (), form)
        self.upload_and_publish(run, uploading, publishing)
        return run

    @rule(target=runs, number=numbers, kept=kept, uploading=uploading, publishing=publishing)
    def revise(
        self, number: int, kept: Collection[str], uploading: int | None, publishing: int | None
    ) -> Run:
        run = self.begin(number, kept, "tracks")
        self.upload_and_publish(run, uploading, publishing)
        return run

    def upload_and_publish(self, run: Run, uploading: int | None, publishing: int | None) -> None:
        self.upload(run, uploading)
        if uploading is None:
            self.publish(run, publishing)

    @rule(run=runs, steps=steps)
    def go_on(self, run: Run, steps: int | None) -> None:
        """It tries again, or wakes up late."""
        if run.state in ("made", "lost") and not run.is_uploaded:
            self.upload(run, steps)
        elif not run.was_published:
            self.publish(run, steps)

    @rule(run=runs, steps=steps)
    def clean_up(self, run: Run, steps: int | None) -> None:
        """The last task of a run, however it ended."""
        if not run.was_published:
            self.do(lambda: self._clean_up(run), steps)

    def _clean_up(self, run: Run) -> None:
        title, release = run.claim.title, run.claim.release
        if self.title_of(run).claimed_by is run:
            self.catalog.verdicts.fail(run.claim, "run_ended", "It ended.")
            self.title_of(run).end_claim()
        if self.catalog.releases.give_up(title, release):
            assert run.state in ("announced", "replaced", "may be gone")
            run.replace()
            lead_back(self.catalog, self.bucket, title)
        else:
            assert run.state in ("lost", "may be gone")
            delete_release(self.catalog, self.bucket, title, release)

    @precondition(lambda self: self.model.late_writes)
    @rule(late=st.integers(0, 3))
    def wake_a_stopped_process(self, late: int) -> None:
        if late < len(self.model.late_writes):
            self.model.late_writes.pop(late).send()

    @precondition(lambda self: self.model.runs)
    @rule(number=numbers, lapsed=st.booleans(), steps=steps)
    def withdraw(self, number: int, lapsed: bool, steps: int | None) -> None:
        title = self.model.titles[number]
        if lapsed and steps != 0:
            self.world.let_claims_lapse(title.title.content_id)
        elif title.claimed_by is not None:
            with pytest.raises(TitleInWork):
                withdraw(self.catalog, self.bucket, title.title)
            return
        if steps != 0:
            title.withdraw()
            title.let_go()
        self.do(lambda: withdraw(self.catalog, self.bucket, title.title), steps)

    @precondition(lambda self: self.model.runs)
    @rule(quarters=quarters, chore=st.sampled_from(CHORES), steps=steps)
    def do_chore(self, quarters: int, chore: Chore, steps: int | None) -> None:
        self.let_time_pass(quarters)
        self._do_chore(chore, steps)

    @precondition(lambda self: self.model.runs)
    @rule(quarters=quarters, deletion=st.sampled_from(DELETIONS), steps=steps)
    def keep_house(self, quarters: int, deletion: Chore, steps: int | None) -> None:
        self.let_time_pass(quarters)
        for chore in (give_up_abandoned, finish_withdrawals, lead_back):
            self._do_chore(chore)
        self._do_chore(deletion, steps)

    def _do_chore(self, chore: Chore, steps: int | None = None) -> None:
        # To expire all claims is one step, as it is to give up.
        if chore is return_expired_claims and steps != 0:
            self.world.let_claims_lapse()
            self.model.end_claims()
        if chore is give_up_abandoned and steps != 0:
            self.model.give_up_abandoned()
        if chore is finish_withdrawals:
            self.model.let_withdrawn_go()
        if chore in DELETIONS:
            self.model.let_go(grace=DELETIONS.index(chore))
        self.do(lambda: chore(self.catalog, self.bucket), steps)

    def let_time_pass(self, quarters: int) -> None:
        self.world.move_clock(quarters * QUARTER)
        self.model.let_time_pass(quarters)

    @invariant()
    def what_anybody_is_led_to_is_whole(self) -> None:
        listed = {item.key: item.etag for item in self.world.bucket.list("")}
        assert self.model.required - listed.keys() == set()
        for title in self.model.titles.values():
            for name in (MASTER, MPD):
                key = title_prefix(title.title) + name
                if key in listed:
                    assert self.led_to(title, key, listed[key]) - listed.keys() == set()
        for row in self.world.rows():
            published = self.model.titles[int(row["content_id"])].published
            assert row["release"] == (published and published.release.id)
            keys = {url.removeprefix(f"{self.bucket.public_url}/") for url in row["urls"] if url}
            assert keys - listed.keys() == set()

    def led_to(self, title: ModelTitle, key: str, etag: str) -> set[str]:
        """The keys that a stable manifest names, and those of the release that it leads to."""
        if etag not in self.read:
            text = (self.world.bucket.get_bytes(key) or b"").decode()
            release = release_of_mpd(text) if key.endswith(MPD) else release_of_master(text)
            (run,) = (run for run in title.runs if run.release.id == release)
            self.read[etag] = {*named_by(key, text), *run.release.keys}
        return self.read[etag]

    def teardown(self) -> None:
        """No run is alive, no process wakes up, and housekeeping is done."""
        self._do_chore(return_expired_claims)
        self.keep_house(0, delete_all_superseded, None)
        self.keep_house(2, delete_all_superseded, None)
        self.what_anybody_is_led_to_is_whole()
        assert self.world.keys() - self.model.of_lost_runs == self.model.at_last
        self._do_chore(delete_all_unknown)
        assert self.world.keys() == self.model.at_last


def test_what_anybody_is_led_to_is_whole_and_in_the_end_nothing_else_is_there(
    catalog: Catalog,
    database: Database,
    s3_client: "S3Client",
    bucket_settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = Process()
    stoppable = Catalog(StoppableConnections(catalog._connect, process), catalog.mapping)
    world = World(database, s3_client, bucket_settings.r2_bucket_name, stoppable, process, tmp_path)
    monkeypatch.setattr(claims, "new_release_id", world.new_release_id)
    run_state_machine_as_test(
        lambda: BucketMachine(world),
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        ),
    )
