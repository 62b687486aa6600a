"""The gate: a release passes every suite, or nothing of it is uploaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightreel.checks.facts.release import ReleaseFacts, measure_release
from nightreel.checks.judge import SuiteVerdict, Verdict, judge
from nightreel.checks.suites.playlists import playlists_suite
from nightreel.checks.suites.protection import protection_suite
from nightreel.checks.suites.release import release_suite
from nightreel.checks.suites.renditions import renditions_suite
from nightreel.checks.suites.rules import Suite
from nightreel.checks.suites.segments import segments_suite
from nightreel.checks.suites.source import source_suite
from nightreel.checks.suites.stills import stills_suite
from nightreel.checks.suites.subtitles import subtitles_suite
from nightreel.checks.suites.transport_segments import transport_segments_suite
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
    """An encrypted release cannot be judged without its key."""


@dataclass(frozen=True)
class GateResult:
    """What the gate found. `fetched_bytes` is the size of the source as fetched."""

    suites: tuple[SuiteVerdict, ...]
    source: SourceProbe
    fetched_bytes: int

    @property
    def passed(self) -> bool:
        """Whether no rule of any suite refuses the release."""
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


def judge_release(
    directory: Path,
    plan: Plan,
    source: SourceProbe,
    fetched_bytes: int,
    report_directory: Path | None = None,
    key: ContentKey | None = None,
) -> GateResult:
    """Measure a release directory and judge it. With `report_directory`, keep the report there.

    `key` is what an encrypted release is decrypted with. Raises KeyNotGiven when it is missing.
    """
    if plan.encrypted and key is None:
        raise KeyNotGiven("the release is encrypted, and cannot be judged without its content key")
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
    """Judge what was measured."""
    suites = suites_for(facts, plan, source, fetched_bytes, key)
    return GateResult(judge(suites, report_directory=report_directory), source, fetched_bytes)


def suites_for(
    facts: ReleaseFacts,
    plan: Plan,
    source: SourceProbe,
    fetched_bytes: int,
    key: ContentKey | None = None,
) -> tuple[Suite, ...]:
    """Everything that is expected of a release."""
    return (
        source_suite(facts, plan, source, fetched_bytes),
        renditions_suite(facts, plan, source),
        transport_segments_suite(facts, plan) if plan.container == "ts" else segments_suite(facts, plan),
        subtitles_suite(facts, plan),
        protection_suite(facts, plan, key),
        playlists_suite(facts, plan, source),
        stills_suite(facts, plan),
        release_suite(facts),
    )


def raise_if_refused(result: GateResult) -> None:
    """Raise ReleaseRejected with the first findings, unless the gate was passed."""
    failures = result.failures
    if not failures:
        return
    told = ". ".join(str(failure) for failure in failures[:_SENTENCES_IN_REASON])
    rest = len(failures) - _SENTENCES_IN_REASON
    more = f". And {rest} more findings; the report has them all" if rest > 0 else ""
    raise ReleaseRejected("gate_refused", f"{told}{more}.")
