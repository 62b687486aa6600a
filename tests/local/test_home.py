import os
from pathlib import Path

import pytest

from nightreel.errors import ConfigurationError
from nightreel.local.home import Home, write_private


def test_nightreel_home_names_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIGHTREEL_HOME", str(tmp_path))
    assert Home.from_environment().root == tmp_path
    monkeypatch.delenv("NIGHTREEL_HOME")
    assert Home.from_environment().root.name == ".nightreel"


def test_sockets_are_in_the_home_unless_its_path_is_too_long_for_them() -> None:
    short, long = Home(Path("/srv/nightreel")), Home(Path("/srv") / ("n" * 100))
    assert short.sockets.parent == short.root
    assert long.root not in long.sockets.parents
    assert long.sockets != Home(Path("/srv") / ("m" * 100)).sockets
    for home in (short, long):
        assert len(os.fsencode(home.sockets / ".s.PGSQL.5432.lock")) < 108


def test_a_home_and_a_temporary_folder_too_long_for_sockets_are_named_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("t" * 100)))
    home = Home(tmp_path / ("h" * 100))
    with pytest.raises(ConfigurationError, match=r"too long .* NIGHTREEL_HOME or TMPDIR"):
        home.create(os.getuid())
    assert not home.root.exists()


def test_the_folder_of_the_sockets_is_closed_to_others(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create(os.getuid())
    assert home.sockets.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_sockets_that_is_a_link_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    home.sockets.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="belongs to someone else"):
        home.create(os.getuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, -1)
    with pytest.raises(ConfigurationError, match="NIGHTREEL_HOME"):
        Home(tmp_path).check_owner()


def test_a_private_file_is_readable_by_its_owner_only_even_if_it_was_not_before(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
