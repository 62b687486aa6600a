"""The trigger form of `convert_title`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from airflow.sdk import Param

from nightreel.errors import ConfigurationError
from nightreel.runs.request import ENCRYPTION_CHOICES, UNDECIDED
from nightreel.settings import Settings
from nightreel.vocabulary.title import CONTENT_ID_OF_ANY_LENGTH, LONGEST_CONTENT_ID


def conversion_params(options: Settings) -> dict[str, Param]:
    """A JSON schema per field: the form in the UI offers choices, and refuses malformed input.

    Raises ConfigurationError naming the mapping or the ladder that has no choices.
    """
    types = _choices(options.catalog_mapping, "content_types", str)
    rungs = _choices(options.ladder, "rungs", lambda rung: f"{rung['height']}p")
    return {
        "content_type": Param(types[0], type="string", enum=types, title="Content type"),
        "content_id": Param(
            None,
            type="string",
            pattern=f"^{CONTENT_ID_OF_ANY_LENGTH}$",
            maxLength=LONGEST_CONTENT_ID,
            title="Content id",
            description="The title's primary key in its table.",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Force",
            description="Convert again even if the title is published or quarantined.",
        ),
        "first": Param(
            False,
            type="boolean",
            title="First release",
            description="Only what plays soonest: one rendition, with the sounds and subtitles. A night, or "
            "another run, adds the others without replacing these.",
        ),
        "encrypt": Param(
            UNDECIDED,
            type="string",
            enum=[UNDECIDED, *ENCRYPTION_CHOICES],
            title="Encryption",
            description="yes and no apply to later conversions of the title too; default leaves it "
            "to what was chosen before, else to the title's row, else to NIGHTREEL_ENCRYPT.",
        ),
        "sound": Param(
            True,
            type="boolean",
            title="Sound",
            description="Off leaves the source's sound out of the title.",
        ),
        "ladder": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "enum": rungs},
            examples=rungs,
            title="Ladder override",
            description="Only these renditions; empty means every one up to the source's height.",
        ),
    }


def _choices(path: Path, key: str, name: Callable[[Any], str]) -> list[str]:
    # The files are small and local, and the form's choices come only from them.
    try:
        names = [name(each) for each in yaml.safe_load(path.read_text("utf-8"))[key]]
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError) as error:
        raise _malformed(path, key) from error
    if not names:
        raise _malformed(path, key)
    return names


def _malformed(path: Path, key: str) -> ConfigurationError:
    return ConfigurationError(f"{path} has no {key} to choose from; nightreel check says what is wrong in it")
