"""`make sbom`: what the image is made of, for those who look up its weaknesses."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nightreel.places import PROJECT_ROOT
from nightreel.web.packages import NODE_MODULES


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run(["make", "--silent", "sbom", f"SBOM={folder}"], cwd=PROJECT_ROOT, check=True)
    return folder


@cache
def _read(bill: Path) -> dict[str, Any]:
    return dict(json.loads(bill.read_text()))


def _components(bill: Path) -> set[str]:
    return {f"{each['name']}=={each['version']}" for each in _read(bill)["components"]}


@pytest.mark.parametrize("name", ["python.cdx.json", "npm.cdx.json"])
def test_a_bill_is_in_the_format_that_scanners_read(bills: Path, name: str) -> None:
    assert _read(bills / name)["bomFormat"] == "CycloneDX"
    assert all(each["purl"].startswith("pkg:") for each in _read(bills / name)["components"])


def test_every_requirement_is_in_it_with_its_hashes(bills: Path) -> None:
    text = (PROJECT_ROOT / "requirements.txt").read_text()
    assert _components(bills / "python.cdx.json") == set(re.findall(r"^\S+==\S+", text, re.MULTILINE))
    assert all(
        any("hashes" in reference for reference in each["externalReferences"])
        for each in _read(bills / "python.cdx.json")["components"]
    )


def test_every_package_of_the_pages_is_in_it(bills: Path) -> None:
    lock = json.loads((NODE_MODULES.parent / "package-lock.json").read_text())["packages"]
    wanted = {
        f"{path.rpartition('node_modules/')[2]}=={package['version']}"
        for path, package in lock.items()
        if path
    }
    assert {
        f"{(each.get('group') + '/') if each.get('group') else ''}{each['name']}=={each['version']}"
        for each in _read(bills / "npm.cdx.json")["components"]
    } == wanted
