"""The pages of a validation report: one per suite."""

from dataclasses import dataclass
from pathlib import Path

from nightreel.vocabulary.title import Title

_VALIDATIONS = "validations"


@dataclass(frozen=True)
class ReportPage:
    """A suite's verdicts: its name, and its page's path below `/reports/`."""

    suite: str
    path: str


def report_pages(reports: Path, title: Title, release: str) -> tuple[ReportPage, ...]:
    """The pages of a release's report, one per suite; none if no report was kept."""
    folder = reports / title.content_type / title.content_id / release / _VALIDATIONS
    return tuple(
        ReportPage(page.relative_to(folder).parts[0], page.relative_to(reports).as_posix())
        for page in sorted(folder.rglob("*.html"))
    )
