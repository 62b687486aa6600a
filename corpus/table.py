"""The outcomes as a Markdown table, and as a page with pictures."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from corpus.outcome import Outcome

_HEAD = """# What becomes of awkward sources

Made by `make corpus`: every source is probed, planned, encoded, packaged and judged by the gate, as
a title's run does it. {count} sources, {agreeing} as expected.

| source | what it is | what came out | what was expected | |
|---|---|---|---|---|
"""
_PAGE = """<!doctype html><meta charset="utf-8"><title>Corpus</title>
<style>body{{font:15px/1.4 system-ui;margin:2rem;max-width:70rem}}img{{max-width:100%}}
h2{{margin:2.5rem 0 .3rem}}p{{margin:.2rem 0}}</style>
<h1>Source (left) beside output (right)</h1>{sections}"""


def markdown(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table, with a count of those that are as expected."""
    agreeing = sum(outcome.as_expected for outcome in outcomes)
    rows = (
        f"| {outcome.case.name} | {_cell(outcome.case.what)} | {_cell(came_out(outcome))} "
        f"| {_cell(outcome.case.expected)} | {'✓' if outcome.as_expected else '✗'} |\n"
        for outcome in outcomes
    )
    return _HEAD.format(count=len(outcomes), agreeing=agreeing) + "".join(rows)


def page(outcomes: Sequence[Outcome], sheets: Mapping[str, Path]) -> str:
    """Every outcome, with its contact sheet if there is one. `sheets` are by name of case."""
    return _PAGE.format(sections="".join(_section(outcome, sheets) for outcome in outcomes))


def came_out(outcome: Outcome) -> str:
    """One line: the state, and what the stream has, or why there is none."""
    plan = outcome.plan
    if plan is None:
        return f"{outcome.state}: {outcome.reason}"
    best = plan.video[-1]
    parts = [
        f"{outcome.state}: {best.width}×{best.height}",
        f"{_rate(float(plan.frame_rate))} fps, {plan.duration:.2f} s",
        f"{len(plan.video)} pictures ({', '.join(item.name for item in plan.video)})",
        _tracks("sound", [item.name.removeprefix("audio_") for item in plan.audio]),
        _tracks("subtitles", [item.name.removeprefix("subs_") for item in plan.text]),
        *(f"“{warning}”" for warning in outcome.warnings),
    ]
    return "; ".join(part for part in parts if part)


def _tracks(kind: str, names: list[str]) -> str:
    if not names:
        return "no sound" if kind == "sound" else ""
    return f"{kind} {', '.join(names)}"


def _rate(fps: float) -> str:
    return f"{fps:.3f}".rstrip("0").rstrip(".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _section(outcome: Outcome, sheets: Mapping[str, Path]) -> str:
    case, sheet = outcome.case, sheets.get(outcome.case.name)
    picture = f'<img alt="" src="{escape(sheet.name)}">' if sheet else ""
    return (
        f"<h2>{escape(case.name)}</h2><p>{escape(case.what)}</p>"
        f"<p><b>{escape(came_out(outcome))}</b></p><p>expected: {escape(case.expected)}</p>{picture}"
    )
