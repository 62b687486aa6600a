"""Packages of Debian that are fetched without being installed, from where this machine gets its own."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import IO

_SUITE = "bookworm"
"""Its Python is that of the base image."""
_PLUGINS_SUITE = "trixie"
"""The first release with a Compose that reads our file."""
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""Where Debian's package of that name has it."""
_PLUGINS = ("docker-compose", "docker-buildx")


@cache
def _mirror() -> str:
    """The address of Debian's archive as this machine's apt has it."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    if not found:
        raise RuntimeError("apt knows no archive of Debian's here: apt-get update")
    return found[0]


def write_root_file_system(archive: IO[bytes]) -> None:
    """A minimal Debian, as a tar archive."""
    subprocess.run(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--include=ca-certificates",
            # What a power cut would lose is made again.
            "--dpkgopt=force-unsafe-io",
            f"--keyring={_KEYRING}",
            "--format=tar",
            _SUITE,
            "-",
            _mirror(),
        ],
        stdout=archive,
        check=True,
    )


def install_plugins(plugins: Path, scratch: Path) -> None:
    """Puts Compose and buildx where Docker's client looks for them; this machine's apt is left alone."""
    for folder in ("lists/partial", "cache/archives/partial", "sources", "packages"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "sources" / "next.sources").write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {_PLUGINS_SUITE}\nComponents: main\nSigned-By: {_KEYRING}\n"
    )
    options = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": scratch / "sources",
        "Dir::State::lists": scratch / "lists",
        "Dir::Cache": scratch / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "download", *_PLUGINS], cwd=scratch / "packages", check=True)
    for package in (scratch / "packages").glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, scratch / "unpacked"], check=True)
    shutil.copytree(scratch / "unpacked" / "usr/libexec/docker/cli-plugins", plugins)
