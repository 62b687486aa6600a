"""docs/refusals.md against the code: no code is missing from it, and none is only there."""

import re

from nightreel.media.inspection.refusals import Refusal
from nightreel.places import PROJECT_ROOT

_PAGE = (PROJECT_ROOT / "docs" / "refusals.md").read_text("utf-8")
_RAISED = re.compile(r'(?:SourceRejected|ReleaseRejected)\(\s*"([a-z_]+)"')


def test_every_refusal_of_a_file_is_on_the_page_with_its_sentence() -> None:
    assert [refusal for refusal in Refusal if f"| `{refusal}` | {refusal.sentence} |" not in _PAGE] == []


def test_the_page_has_the_codes_that_are_raised_and_no_others() -> None:
    raised = {
        code
        for path in (PROJECT_ROOT / "include").rglob("*.py")
        if "node_modules" not in path.parts
        for code in _RAISED.findall(path.read_text("utf-8"))
    }
    first_column = [line.split("|")[1] for line in _PAGE.splitlines() if line.startswith("| `")]
    told = {code for cell in first_column for code in re.findall("`([a-z_]+)`", cell)}
    assert told == raised | {str(refusal) for refusal in Refusal}
