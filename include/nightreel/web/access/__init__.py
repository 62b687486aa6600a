"""Who may do what: where the app runs decides how callers are identified, and callers have scopes."""

from nightreel.web.access.callers import Access, Caller
from nightreel.web.access.guards import (
    Converter,
    PageReader,
    Reader,
    Uploader,
    access_of,
    needs,
    open_because,
    opened_because,
    page_needs,
    require_same_origin,
    required_scope,
)
from nightreel.web.access.standalone import StandaloneAccess

__all__ = [
    "Access",
    "Caller",
    "Converter",
    "PageReader",
    "Reader",
    "StandaloneAccess",
    "Uploader",
    "access_of",
    "needs",
    "open_because",
    "opened_because",
    "page_needs",
    "require_same_origin",
    "required_scope",
]
