"""Who may do what: a caller is identified by what the app stands in, and has scopes."""

from nightreel.web.access.callers import SCOPES, Access, Caller, Scope
from nightreel.web.access.guards import access_of, needs, open_because, opened_because, required_scope

__all__ = [
    "SCOPES",
    "Access",
    "Caller",
    "Scope",
    "access_of",
    "needs",
    "open_because",
    "opened_because",
    "required_scope",
]
