"""Links from a notification to the pages of the web app."""

from urllib.parse import quote

from nightreel.catalog import Event


def title_page(event: Event, web_url: str) -> str | None:
    """The page of the event's title; None if it has none, or the app's address is not set."""
    if not web_url or "content_id" not in event.payload:
        return None
    content_type, content_id = event.payload["content_type"], event.payload["content_id"]
    return f"{web_url}/titles/{quote(content_type)}/{quote(content_id)}"
