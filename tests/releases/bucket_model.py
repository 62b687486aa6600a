"""What the bucket must hold, as the design has it: told of what was done, and asked what must be there."""

from dataclasses import dataclass, field
from typing import Literal

from nightreel.catalog import Claim
from nightreel.storage.late_writes import LATE_WRITES
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.title import Title
from tests.releases.small_releases import SmallRelease
from tests.releases.stopped_process import LateWrite

QUARTERS = 2
"""Of an hour: for so long may a write be late."""
QUARTER = LATE_WRITES / QUARTERS

State = Literal["made", "lost", "announced", "published", "replaced", "may be gone"]


@dataclass(eq=False)
class Run:
    """A run, the release that it makes, and what has become of that.

    `made`: under a claim, and nothing leads to it. `lost`: the same, without a claim. `announced`:
    its publication began. `replaced`: it was published or announced, and counts as replaced from
    `quarters` later on.
    """

    claim: Claim
    release: SmallRelease
    state: State = "made"
    quarters: int = 0
    was_published: bool = False
    is_uploaded: bool = False
    sent: set[str] = field(default_factory=set)

    def may_go(self, grace: int) -> bool:
        return self.state == "replaced" and self.quarters <= -grace

    @property
    def required(self) -> set[str]:
        """The keys that must be in the bucket."""
        if self.state in ("lost", "may be gone"):
            return set()
        if self.state == "made":
            return self.sent | (self.release.keys - self.release.own_keys)
        return self.release.keys

    def replace(self) -> None:
        if self.state in ("announced", "published"):
            self.quarters = 0 if self.was_published else QUARTERS
            self.state = "replaced"


@dataclass(eq=False)
class ModelTitle:
    """A title, the run that has it claimed, and the one whose release is published."""

    title: Title
    runs: list[Run] = field(default_factory=list)
    claimed_by: Run | None = None
    published: Run | None = None

    def begin(self, run: Run) -> None:
        self.end_claim()
        self.claimed_by = run
        self.runs.append(run)

    def end_claim(self) -> None:
        if self.claimed_by is not None and self.claimed_by.state == "made":
            self.claimed_by.state = "lost"
        self.claimed_by = None

    def publish(self, run: Run) -> None:
        for other in self.runs:
            if other is not run:
                other.replace()
        run.state, run.was_published = "published", True
        self.claimed_by, self.published = None, run

    def withdraw(self) -> None:
        self.end_claim()
        self.published = None
        for run in self.runs:
            run.replace()

    def let_go(self, grace: int = 0) -> None:
        """Nothing needs to be kept that was replaced so many quarters ago."""
        for run in self.runs:
            if run.may_go(grace):
                run.state = "may be gone"


@dataclass
class WriteOnItsWay:
    """What a stopped process, of this run or of housekeeping, may still send; `age` is in quarters."""

    send: LateWrite
    run: Run | None
    age: int = 0


@dataclass
class BucketModel:
    """All titles, and what stopped processes may still write to their stable manifests."""

    titles: dict[int, ModelTitle]
    late_writes: list[WriteOnItsWay] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        return [run for each in self.titles.values() for run in each.runs]

    def has(self, state: State) -> bool:
        return any(run.state == state for run in self.runs)

    @property
    def required(self) -> set[str]:
        """The keys that must be in the bucket now."""
        return {key for run in self.runs for key in run.required}

    @property
    def at_last(self) -> set[str]:
        """Those that are there, and no others, when no run is alive and all housekeeping was done."""
        published = [each.published for each in self.titles.values() if each.published is not None]
        stable = {
            title_prefix(run.claim.title) + name for run in published for name in run.release.stable_names
        }
        return stable.union(*(run.release.keys for run in published))

    @property
    def of_lost_runs(self) -> set[str]:
        """Those that no record leads to."""
        return {key for run in self.runs if run.state == "lost" for key in run.release.own_keys}

    def end_claims(self) -> None:
        for title in self.titles.values():
            title.end_claim()

    def let_go(self, grace: int) -> None:
        for title in self.titles.values():
            title.let_go(grace)

    def let_withdrawn_go(self) -> None:
        for title in self.titles.values():
            if title.published is None:
                title.let_go()

    def give_up_abandoned(self) -> None:
        for title in self.titles.values():
            for run in title.runs:
                if run.state == "announced" and run is not title.claimed_by:
                    run.replace()

    def let_time_pass(self, quarters: int) -> None:
        for run in self.runs:
            run.quarters -= quarters if run.state == "replaced" else 0
        for write in self.late_writes:
            write.age += quarters
        self.late_writes = [write for write in self.late_writes if write.age < QUARTERS]

    def drop_late_writes(self, run: Run) -> None:
        """Those of earlier tries of a run that published: not yet guarded against a withdrawal after it."""
        self.late_writes = [write for write in self.late_writes if write.run is not run]
