"""A file that is longer than this holds more than one thing."""

from nightreel.places import PROJECT_ROOT

LONGEST = 300
FOLDERS = ("include", "dags", "plugins", "bench", "corpus", "tests")


def test_no_python_file_is_too_long() -> None:
    lengths = {
        path.relative_to(PROJECT_ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for folder in FOLDERS
        for path in (PROJECT_ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    }
    assert {path.partition("/")[0] for path in lengths} == set(FOLDERS)
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}
