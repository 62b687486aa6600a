"""`verify`: the gate, once more, on what the public URL serves."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

import typer

from nightreel.checks.verdicts import Verdict
from nightreel.cli.deployment import current
from nightreel.cli.titles import Id, Type, find_title
from nightreel.errors import Permanent
from nightreel.releases.published import PublishedVerdict, judge_published
from nightreel.text import one_line
from nightreel.vocabulary.title import Title

_LONGEST = 1000
"""How many characters of a finding are shown: it quotes playlists, which may contain anything."""


class NothingPublished(Permanent):
    """The title has no release to judge."""


def verify(
    content_type: Type,
    content_id: Id,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for programs.")] = False,
) -> None:
    """Check a published title again, as before its upload: every file, fetched over HTTP.

    Shows each suite and what it found; exits 1 when the release is refused.

      nightreel verify movie 7

      nightreel verify movie 7 --json
    """
    catalog = current().catalog()
    found = find_title(catalog.titles.status(content_type, content_id), Title(content_type, content_id))
    title = Title(found.content_type, found.content_id)
    if not found.hls_url:
        raise NothingPublished(f"{title} is {found.state} and has never been published")
    verdict = judge_published(found.hls_url, key_of=partial(catalog.content_keys.find, title))
    if as_json:
        typer.echo(json.dumps(_facts(title, found.hls_url, verdict), indent=2, ensure_ascii=False))
    else:
        for line in _lines(title, verdict):
            typer.echo(line)
    if not verdict.passed:
        raise typer.Exit(1)


def _lines(title: object, verdict: PublishedVerdict) -> Iterator[str]:
    yield _line("delivery", len(verdict.deviations), "")
    yield from (f"        {one_line(sentence, _LONGEST)}" for sentence in verdict.deviations)
    for suite in verdict.gate.suites if verdict.gate else ():
        failures = [each for each in suite.verdicts if each.refuses]
        yield _line(suite.name, len(failures), f", {len(suite.verdicts)} expectations")
        yield from (f"        {one_line(str(failure), _LONGEST)}" for failure in failures)
    judged = f"release {verdict.release}" if verdict.release else "no release"
    yield f"{title}: {judged} {'passed' if verdict.passed else 'is refused'}"


def _line(suite: str, failures: int, note: str) -> str:
    return f"{'failed' if failures else 'passed'}  {suite}{note}{f': {failures} not met' if failures else ''}"


def _facts(title: object, url: str, verdict: PublishedVerdict) -> dict[str, Any]:
    return {
        "title": str(title),
        "hls_url": url,
        "release": verdict.release,
        "passed": verdict.passed,
        "deviations": list(verdict.deviations),
        "suites": [
            {
                "name": suite.name,
                "passed": suite.passed,
                "expectations": [_expectation(each) for each in suite.verdicts],
            }
            for suite in (verdict.gate.suites if verdict.gate else ())
        ],
    }


def _expectation(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "sentence": verdict.sentence,
        "passed": verdict.passed,
        "observed": verdict.observed,
    }
