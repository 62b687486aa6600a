"""The gate: a track passes its rules, or nothing of it is uploaded; a set all, or it is not published."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from nightreel.checks.expectations import suites_of_release, suites_of_track
from nightreel.checks.facts.release import ReleaseFacts, measure_release
from nightreel.checks.facts.track import TrackFacts
from nightreel.checks.judge import judge
from nightreel.checks.plain_judge import judge_plainly
from nightreel.checks.verdicts import SuiteVerdict, Verdict
from nightreel.errors import Permanent, ReleaseRejected
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.protection import ContentKey

_SENTENCES_IN_REASON = 3
_CAUSES_FIRST = (
    "release",
    "protection",
    "segments",
    "renditions",
    "subtitles",
    "playlists",
    "stills",
    "source",
)
"""A missing file shows in every suite, and a wrong key in every segment: their own sentences help."""


class KeyNotGiven(Permanent):
    """What is encrypted cannot be judged without its key."""


@dataclass(frozen=True)
class TrackResult:
    """What the gate found of one track."""

    suites: tuple[SuiteVerdict, ...]
    has_report: ClassVar[bool] = False

    @property
    def passed(self) -> bool:
        """Whether no rule of any suite refuses what was judged."""
        return all(suite.passed for suite in self.suites)

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """What was not met, causes before their effects."""
        suites = sorted(self.suites, key=lambda suite: _CAUSES_FIRST.index(suite.name))
        return tuple(verdict for suite in suites for verdict in suite.verdicts if verdict.refuses)

    @property
    def advice(self) -> tuple[Verdict, ...]:
        """What could be better, but is no reason to refuse."""
        verdicts = (verdict for suite in self.suites for verdict in suite.verdicts)
        return tuple(verdict for verdict in verdicts if verdict.is_advice and not verdict.passed)


@dataclass(frozen=True)
class GateResult(TrackResult):
    """What the gate found of a release. `fetched_bytes` is the size of the source as fetched."""

    source: SourceProbe
    fetched_bytes: int
    has_report: ClassVar[bool] = True

    def summary(self) -> dict[str, Any]:
        """For `release.json`: the outcome, and what is needed to repeat the judgement later."""
        return {
            "passed": self.passed,
            "suites": {suite.name: len(suite.verdicts) for suite in self.suites},
            "failures": [str(failure) for failure in self.failures],
            "advice": [str(verdict) for verdict in self.advice],
            "source": self.source.model_dump(mode="json"),
            "fetched_bytes": self.fetched_bytes,
        }


def judge_track(
    facts: TrackFacts, plan: Plan, source: SourceProbe, key: ContentKey | None = None
) -> TrackResult:
    """Judge what was measured of a track, at once: Great Expectations is not imported.

    These are the rules for which it needs no other track and no manifest; the set is judged by all.
    `key` is what the track is encrypted with. Raises KeyNotGiven when it is missing, and KeyError
    for a track that is not planned.
    """
    _require_key(plan, key)
    return TrackResult(judge_plainly(suites_of_track(facts, plan, source, key)))


def judge_release(
    directory: Path,
    plan: Plan,
    source: SourceProbe,
    fetched_bytes: int,
    report_directory: Path | None = None,
    key: ContentKey | None = None,
) -> GateResult:
    """Measure a release directory and judge it; see `judge_facts` for `report_directory`.

    `key` is what an encrypted release is decrypted with. Raises KeyNotGiven when it is missing.
    """
    _require_key(plan, key)
    facts = measure_release(directory, plan, key)
    return judge_facts(facts, plan, source, fetched_bytes, report_directory, key)


def judge_facts(
    facts: ReleaseFacts,
    plan: Plan,
    source: SourceProbe,
    fetched_bytes: int,
    report_directory: Path | None = None,
    key: ContentKey | None = None,
) -> GateResult:
    """Judge what was measured of a release, by all rules.

    With `report_directory`, Great Expectations judges and leaves its report there; without, the same
    verdicts come at once, and it is not imported. Raises KeyNotGiven as `judge_release` does.
    """
    _require_key(plan, key)
    suites = suites_of_release(facts, plan, source, fetched_bytes, key)
    if report_directory is None:
        return GateResult(judge_plainly(suites), source, fetched_bytes)
    return GateResult(judge(suites, report_directory=report_directory), source, fetched_bytes)


def _require_key(plan: Plan, key: ContentKey | None) -> None:
    if plan.encrypted and key is None:
        raise KeyNotGiven("the title is encrypted, and cannot be judged without its content key")


def raise_if_refused(result: TrackResult) -> None:
    """Raise ReleaseRejected with the first findings, unless the gate was passed."""
    failures = result.failures
    if not failures:
        return
    told = ". ".join(str(failure) for failure in failures[:_SENTENCES_IN_REASON])
    rest = len(failures) - _SENTENCES_IN_REASON
    where = "; the report has them all" if result.has_report else ""
    more = f". And {rest} more findings{where}" if rest > 0 else ""
    raise ReleaseRejected("gate_refused", f"{told}{more}.")
