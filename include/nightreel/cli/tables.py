"""Titles for people, and for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from nightreel import figures
from nightreel.catalog import TitleStatus
from nightreel.text import one_line

KEYS = (
    "content_type",
    "content_id",
    "title",
    "state",
    "reason",
    "hls_url",
    "dash_url",
    "poster_url",
    "duration_seconds",
    "variants",
    "files_uploaded",
    "bytes",
    "processing_seconds",
    "release",
    "complete",
    "attempts",
    "warnings",
    "encrypted",
    "paused_dags",
)
"""What `status --json` says about a title: programs rely on it."""

STYLES = {
    "pending": "dim",
    "claimed": "cyan",
    "published": "green",
    "quarantined": "yellow",
    "failed": "red",
}

LONGEST_REASON = 500
"""How many characters of it are shown; `status --json` has all of it."""


def as_json(titles: Iterable[TitleStatus], paused_dags: Sequence[str] | None) -> str:
    """A list of objects with exactly the KEYS. All have the same `paused_dags`, which may hold titles up."""
    facts = [asdict(title) | {"paused_dags": paused_dags} for title in titles]
    return json.dumps([{key: each[key] for key in KEYS} for each in facts], indent=2, ensure_ascii=False)


def titles_table(titles: Sequence[TitleStatus]) -> RenderableType:
    """A line for each title."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Title", overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Renditions")
    for heading in ("Duration", "Size", "Took"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("URL or reason", overflow="fold")
    for title in titles:
        table.add_row(
            named(title),
            state(title),
            renditions(title),
            clock(title.duration_seconds),
            size(title.bytes),
            clock(title.processing_seconds),
            outcome(title),
        )
    return table


def named(title: TitleStatus) -> Text:
    """The title's identity and its name, as one line."""
    identity = one_line(f"{title.content_type} {title.content_id}")
    return Text.assemble((identity, "bold"), f"  {one_line(title.title)}")


def state(title: TitleStatus) -> Text:
    """`published`, or `published, first release` where the other renditions are still to come."""
    first = title.state == "published" and not title.complete
    return Text(f"{title.state}, first release" if first else title.state, style=STYLES[title.state])


def renditions(title: TitleStatus) -> Text:
    """`360p 720p`: each quality of the picture once, in playlist order.

    `360p 720p, encrypted`, if a player needs a key.
    """
    qualities = " ".join(dict.fromkeys(variant.quality for variant in title.variants))
    return Text(f"{qualities}, encrypted" if title.encrypted else qualities)


def outcome(title: TitleStatus) -> Text:
    """Why a title has no new release; otherwise where it plays."""
    if title.reason:
        return Text(one_line(title.reason, LONGEST_REASON))
    url = title.hls_url or ""
    return Text(url, style=f"link {url}" if url else "")


def clock(seconds: float | None) -> str:
    """A time in seconds; empty for None."""
    return "" if seconds is None else figures.clock(seconds)


def size(count: int | None) -> str:
    """A size in bytes; empty for None."""
    return "" if count is None else figures.size(count)
