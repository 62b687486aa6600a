"""What a caller of the API may do."""

from typing import Literal, get_args

Scope = Literal["read", "convert", "upload"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`read`: titles, jobs, reports, pages. `convert`: start, force, requeue, delete, pause. `upload`: files."""
