import shlex
from configparser import RawConfigParser
from pathlib import Path

from nightreel.local.home import Home
from nightreel.local.supervise import Program, Supervisor, render


def _parsed(home: Home, *programs: Program) -> RawConfigParser:
    conf = RawConfigParser()
    conf.read_string(render(home, programs, Path("/srv/project")))
    return conf


def test_supervisord_is_asked_through_a_unix_socket_and_no_port() -> None:
    conf = _parsed(Home(Path("/srv/home")))
    assert conf["unix_http_server"]["file"] == "/srv/home/run/supervisor.sock"
    assert "inet_http_server" not in conf


def test_arguments_survive_spaces_quotes_and_nothing() -> None:
    command = ("/opt/my tools/run", "it's", "", "-c")
    conf = _parsed(Home(Path("/srv/home")), Program(name="one", command=command))
    assert tuple(shlex.split(conf["program:one"]["command"])) == command


def test_a_percent_sign_starts_no_expansion() -> None:
    conf = _parsed(Home(Path("/srv/100%")), Program(name="one", command=("run", "%(ENV_HOME)s")))
    section = conf["program:one"]
    assert section["command"] % {} == shlex.join(["run", "%(ENV_HOME)s"])
    assert section["stdout_logfile"] % {} == "/srv/100%/logs/one.log"


def test_a_program_is_restarted_and_killed_with_its_group_and_its_log_is_bounded() -> None:
    section = _parsed(Home(Path("/srv/home")), Program(name="one", command=("run",)))["program:one"]
    assert section["autorestart"] == "true"
    assert section["killasgroup"] == "true"
    assert int(section["stdout_logfile_maxbytes"]) > 0


def test_a_supervisor_that_was_never_started_has_no_programs(tmp_path: Path) -> None:
    supervisor = Supervisor(Home(tmp_path))
    assert not supervisor.answers()
    assert supervisor.states() == {}
