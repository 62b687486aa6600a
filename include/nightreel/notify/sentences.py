"""What happened, in words for people."""

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
    """A heading and what stands below it, both plain text."""

    heading: str
    text: str
    mood: Mood


def message(event: Event, web_url: str = "") -> Message:
    """What people are told about an event. `web_url` is where the pages are; without it, no links."""
    data = event.payload
    match event.kind:
        case "published":
            return Message(f"Published: {_name(data)}", _published(event, web_url), "success")
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


def _words(said: str, longest: int = _LONGEST_SENTENCE) -> str:
    """What others wrote, in one line. An @ that calls nobody: chats would wake all who read them."""
    return one_line(said, longest).replace("@", "@\N{WORD JOINER}")


def _identity(data: Mapping[str, Any]) -> str:
    return f"{data['content_type']} {data['content_id']}"


def _published(event: Event, web_url: str) -> str:
    data = event.payload
    qualities = ", ".join(variant["quality"] for variant in data["variants"])
    link = title_page(event, web_url) or data["hls_url"]
    lines = [f"{_identity(data)}, {timecode(data['duration_seconds'])}, can be watched in {qualities}."]
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
