"""The events that receivers can be told of."""

from typing import Literal

from nightreel.vocabulary.states import Verdict

EventKind = Literal[Verdict, "deadline_missed", "backlog_report", "titles_orphaned"]
