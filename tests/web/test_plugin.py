"""The plugin's folder: Airflow executes every Python file in it, in every process."""

import subprocess
import sys

from nightreel.places import PROJECT_ROOT

PLUGINS = PROJECT_ROOT / "plugins"


def test_the_folder_holds_nothing_but_the_file_that_registers() -> None:
    # A second file would be executed as a plugin too, under its bare name, and could shadow a module.
    assert [path.name for path in PLUGINS.rglob("*.py")] == ["nightreel_plugin.py"]


def test_a_task_that_loads_the_plugin_does_not_pay_for_the_web_app() -> None:
    code = "import sys, nightreel_plugin; print(*sorted({'fastapi', 'nightreel.web'} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(PLUGINS), *sys.path]!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == []
