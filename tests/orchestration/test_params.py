"""The choices of the trigger form, read from files that people write."""

from pathlib import Path

import pytest

from nightreel.errors import ConfigurationError
from nightreel.orchestration.params import conversion_params
from nightreel.settings import load_settings

MALFORMED = [
    "",
    "[]",
    "text",
    "rungs: 7",
    "content_types: 7",
    "content_types: []\nrungs: []",
    "a: [",
    "\xff: {",
]


@pytest.mark.parametrize("setting", ["ladder", "catalog_mapping"])
@pytest.mark.parametrize("text", [*MALFORMED, "rungs: [{name: 360p}]\ncontent_types: null", None])
def test_a_malformed_file_is_named_where_the_dag_is_read(
    tmp_path: Path, setting: str, text: str | None
) -> None:
    file = tmp_path / "malformed.yaml"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"malformed\.yaml.*nightreel check"):
        conversion_params(load_settings(**{setting: file}))
