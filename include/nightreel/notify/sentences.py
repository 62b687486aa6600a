"""Events in words, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nightreel.catalog import Event
from nightreel.figures import timecode
from nightreel.notify.pages import title_page
from nightreel.text import one_line, shown_name

Mood = Literal["success", "warning", "failure", "info"]

_LONGEST_LIST = 20
_LONGEST_SENTENCE = 1000


@dataclass(frozen=True)
class Message:
    """A heading and a text, both plain."""

    heading: str
    text: str
    mood: Mood


def message(event: Event, web_url: str = "") -> Message:
    """What people are told about an event. `web_url` is the address of the pages; without it, no links."""
    data = event.payload
    match event.kind:
        case "published":
            kind = "Published" if _complete(data) else "First release"
            return Message(f"{kind}: {_name(data)}", _published(event, web_url), "success")
        case "quarantined":
            return Message(f"Quarantined: {_name(data)}", _refused(event, web_url), "warning")
        case "failed":
            return Message(f"Failed: {_name(data)}", _refused(event, web_url), "failure")
        case "deadline_missed":
            return Message("A deadline was missed", _late(data), "warning")
        case "backlog_report":
            return Message(_night(data), _report(data), "failure" if data["failed"] else "info")
        case "titles_orphaned":
            return Message(f"Without a row: {_counted(data['count'])}", _orphaned(data), "warning")
        case "test":
            return Message("Nightreel can reach you", "This is a test; nothing happened.", "info")


def _name(data: Mapping[str, Any]) -> str:
    return _words(shown_name(data["title"] or "", data["content_type"], data["content_id"]))


def _words(said: str) -> str:
    """What others wrote, in one line. Its @ are defused: in a chat, `@all` would notify everyone."""
    return one_line(said, _LONGEST_SENTENCE).replace("@", "@\N{WORD JOINER}")


def _identity(data: Mapping[str, Any]) -> str:
    return f"{data['content_type']} {data['content_id']}"


def _complete(data: Mapping[str, Any]) -> bool:
    # Events of an earlier version do not say it: there were no first releases.
    return data.get("complete") is not False


def _published(event: Event, web_url: str) -> str:
    data = event.payload
    qualities = ", ".join(variant["quality"] for variant in data["variants"])
    link = title_page(event, web_url) or data["hls_url"]
    can = f"can be watched in {qualities}."
    if not _complete(data):
        can = f"plays in {qualities}; its other renditions follow."
    lines = [f"{_identity(data)}, {timecode(data['duration_seconds'])}, {can}"]
    return "\n".join([*lines, *map(_words, data["warnings"]), link])


def _refused(event: Event, web_url: str) -> str:
    data = event.payload
    lines = [f"{_identity(data)}: {_words(data['reason'] or 'no reason was given')}"]
    if data["hls_url"]:
        lines.append("What was published before keeps playing.")
    return "\n".join(filter(None, [*lines, title_page(event, web_url)]))


def _late(data: Mapping[str, Any]) -> str:
    titles = [_identity(title) for title in data["titles"]]
    return f"The run {data['job_id']} was not done in time. Its titles: {_listed(titles) or 'none'}."


def _night(data: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(data["counts"].items()))
    return f"The night: {counts or 'no titles'}"


def _report(data: Mapping[str, Any]) -> str:
    lines = [f"{data['hours']:.1f} hours of video were published."]
    if first := data.get("first_releases"):
        titles = "One title has" if first == 1 else f"{first} titles have"
        lines.append(f"{titles} only a first release so far, which plays; the other renditions follow.")
    for heading, sentences in (
        ("Failed", data["failed"]),
        ("Quarantined", data["quarantined"]),
        ("Not to be converted", data["refused_rows"]),
    ):
        if sentences:
            lines.append(f"{heading}: {_listed([*map(_words, sentences)], '; ')}")
    return "\n".join(lines)


def _counted(count: int) -> str:
    return "one published title" if count == 1 else f"{count} published titles"


def _orphaned(data: Mapping[str, Any]) -> str:
    titles, seconds = [_identity(title) for title in data["titles"]], data["deleted_after_seconds"]
    if data["kept_because"]:
        then = f"Nothing is deleted: {data['kept_because']}."
    elif seconds is None:
        then = "They keep playing until somebody deletes them."
    else:
        then = f"They are deleted after {seconds / 86400:.1f} days, unless their rows come back."
    return f"Their rows are gone from the table: {_listed(titles)}.\n{then}"


def _listed(items: list[str], separator: str = ", ") -> str:
    more = len(items) - _LONGEST_LIST
    return separator.join(items[:_LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")
