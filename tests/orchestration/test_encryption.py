"""A title that a run encrypted: with what key, and that nobody is told that key."""

import base64
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from urllib.parse import urlsplit

import m3u8
import pytest
from typer.testing import CliRunner

from nightreel.cli import app
from nightreel.orchestration.connections import open_catalog
from nightreel.releases.published import judge_published
from nightreel.vocabulary.layout import release_prefix
from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.release import MASTER, playlist_name
from nightreel.vocabulary.title import Title
from tests.object_store_server import ObjectStoreAddress
from tests.orchestration import airflow_home
from tests.orchestration.installation import Installation, installed, query
from tests.orchestration.keys import ABLE, KEY_URI, SECRET
from tests.orchestration.overheard import overhearing
from tests.orchestration.runs import Run, asked_for, run_dag
from tests.started_programs import SECRETS, StartedProgram, secrets_at_hand, started_programs


@dataclass(frozen=True)
class Encrypted:
    """A title that was encrypted by a run, and where the run may have left its key."""

    installation: Installation
    title: Title
    run: Run
    key: ContentKey
    said: Path
    programs: list[StartedProgram]
    temporary: Path

    @property
    def release(self) -> str:
        return str(self.installation.conversion(self.title)["release"])


@pytest.fixture(scope="module", params=["cmaf", "ts"])
def encrypted(
    request: pytest.FixtureRequest,
    installation: Installation,  # stands first, so that it outlives this one
    postgres_dsn: str,
    object_store: ObjectStoreAddress,
    film: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Encrypted]:
    folder = tmp_path_factory.mktemp(f"encrypted-{request.param}")
    (temporary := folder / "temporary").mkdir()
    variables = {
        **ABLE,
        "NIGHTREEL_ENCRYPT": "true",
        "NIGHTREEL_CONTAINER": request.param,
        # The report is searched too.
        "NIGHTREEL_VALIDATION_REPORTS": "all",
    }
    with (
        installed(postgres_dsn, object_store, folder, **variables) as own,
        pytest.MonkeyPatch.context() as patch,
    ):
        title = own.add_movie(1, film)
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        with overhearing(said := folder / "said.txt"), secrets_at_hand(), started_programs() as programs:
            # The work area is searched as the other tasks leave it.
            run = run_dag("convert_title", asked_for(title, ladder=["240p"]), pretend="cleanup")
        assert run.state == "success", said.read_text()
        release = own.conversion(title)["release"]
        key = open_catalog(own.settings).content_keys.find(title, release)
        assert key is not None
        yield Encrypted(own, title, run, key, said, programs, temporary)


def key_lines(encrypted: Encrypted) -> list[m3u8.Key]:
    installation = encrypted.installation
    manifest = installation.manifest(encrypted.title, encrypted.release)
    content = installation.bucket.get_bytes(manifest.key_of(playlist_name("240p")))
    assert content is not None
    return [key for key in m3u8.loads(content.decode()).keys if key]


def test_an_encrypted_title_passes_the_gate_and_is_published(encrypted: Encrypted) -> None:
    assert encrypted.run.states["validate"] == "success"
    (status,) = encrypted.installation.catalog.titles.status()
    assert (status.state, status.encrypted) == ("published", True)


def test_players_are_told_where_they_get_the_key_of_this_release(encrypted: Encrypted) -> None:
    uris = {key.uri for key in key_lines(encrypted)}
    assert KEY_URI.replace("{key_id}", str(encrypted.key.key_id)) in uris


def test_the_catalog_knows_the_scheme(encrypted: Encrypted) -> None:
    (row,) = encrypted.installation.query("SELECT scheme FROM nightreel.content_keys")
    method = {"cbcs": "SAMPLE-AES", "aes-128": "AES-128"}[row["scheme"]]
    assert {key.method for key in key_lines(encrypted)} == {method}


def test_the_command_line_judges_it_with_the_key_of_the_catalog(
    encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", encrypted.installation.dsn)
    result = CliRunner().invoke(app, ["verify", "movie", "1"])
    assert result.stdout.splitlines()[-1:] == [f"movie 1: release {encrypted.release} passed"]
    assert not tell(result.output.encode(), spellings(encrypted.key.key))


def test_with_another_key_what_is_published_is_refused(encrypted: Encrypted) -> None:
    url = encrypted.installation.movie(encrypted.title)["hls_url"]
    other = ContentKey(encrypted.key.key_id, token_bytes(16), encrypted.key.iv)
    assert not judge_published(url, key_of=lambda release: other).passed


# --- nobody is told the key ---


def spellings(secret: bytes) -> set[bytes]:
    """The ways in which a program may write a key down."""
    encoded = {base64.b64encode(secret), base64.urlsafe_b64encode(secret)}
    unpadded = {each.rstrip(b"=") for each in encoded}
    return {secret, secret.hex().encode(), secret.hex().upper().encode(), *encoded, *unpadded}


def tell(content: bytes, secrets: set[bytes]) -> bool:
    return any(secret in content for secret in secrets)


def rows_of(dsn: str) -> dict[str, bytes]:
    """Every row of every table of a database, as the database writes it out."""
    tables = query(
        dsn,
        "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    return {
        name: "\n".join(row["line"] for row in query(dsn, f"SELECT t::text AS line FROM {name} t")).encode()
        for name in (table["name"] for table in tables)
    }


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everywhere(encrypted: Encrypted, postgres_dsn: str) -> dict[str, bytes]:
    """All that a run of this title has written, wherever that is."""
    installation = encrypted.installation
    airflow = urlsplit(postgres_dsn)._replace(path="/airflow").geturl()
    objects = {
        item.key: installation.bucket.get_bytes(item.key) or b"" for item in installation.bucket.list("")
    }
    return {
        "what the run said": encrypted.said.read_bytes(),
        # Every user of the machine sees those of the others.
        "command lines": "\n".join(
            " ".join((program.name, *program.arguments)) for program in encrypted.programs
        ).encode(),
        **{f"catalog {name}": content for name, content in rows_of(installation.dsn).items()},
        **{f"airflow {name}": content for name, content in rows_of(airflow).items()},
        **objects,
        **files_below(installation.work_area),
        **files_below(installation.settings.reports),
        **files_below(encrypted.temporary),
        **files_below(airflow_home.HOME),
    }


def test_no_program_of_a_run_sees_a_secret_of_the_installation(encrypted: Encrypted) -> None:
    names = {program.name for program in encrypted.programs}
    assert {Path(sys.executable).name} < names
    assert [name for name in names if "ffmpeg" in name]
    assert [name for name in names if "ffprobe" in name]
    options = encrypted.installation.settings
    own = (options.r2_secret_access_key, options.key_secret, options.catalog_dsn, options.token_secret)
    secrets = {*SECRETS.values(), *(secret.get_secret_value() for secret in own)} - {""}
    for program in encrypted.programs:
        held = "\n".join(program.environment.values())
        assert not [secret for secret in secrets if secret in held], program.name
        assert not SECRETS.keys() & program.environment.keys(), program.name


def test_the_key_is_told_nowhere(encrypted: Encrypted, postgres_dsn: str) -> None:
    places = everywhere(encrypted, postgres_dsn)
    release = encrypted.release
    # Else nothing was searched.
    assert b"published movie 1" in places["what the run said"]
    assert b"packager-" in places["command lines"] or b"hls_key_info_file" in places["command lines"]
    assert str(encrypted.key.key_id).encode() in places["catalog nightreel.content_keys"]
    assert encrypted.run.id.encode() in places["airflow public.xcom"]
    assert encrypted.run.id.encode() in places["airflow public.rendered_task_instance_fields"]
    assert release_prefix(encrypted.title, release) + MASTER in places
    assert any(f"{release}/index.html" in name for name in places)
    assert any(str(encrypted.installation.work_area) in name for name in places)
    secrets = spellings(encrypted.key.key) | spellings(base64.urlsafe_b64decode(SECRET))
    assert [name for name, content in places.items() if tell(content, secrets)] == []
