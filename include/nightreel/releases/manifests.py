"""The stable manifests of a title: the release's own, with every reference as seen from the title.

Pure text in, text out. Absolute references (a key server's, say) stay as they are.
"""

import posixpath
import re
from xml.parsers import expat

from nightreel.errors import ReleaseRejected
from nightreel.releases.references import map_playlist
from nightreel.vocabulary.layout import RELEASES_FOLDER
from nightreel.vocabulary.release import MASTER, MPD, valid_release_id

_MPD_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_SESSION_DATA = '#EXT-X-SESSION-DATA:DATA-ID="org.nightreel.release",VALUE="{}"'
_SAID_RELEASE = re.compile(re.escape(_SESSION_DATA).replace(r"\{\}", r"([^\"]*)"))
_BASE_URL = re.compile(rf"<BaseURL>(?:{RELEASES_FOLDER}/)?([^<]*)/</BaseURL>")


def stable_manifests(release: str, folder: str, master: str, mpd: str | None) -> dict[str, str]:
    """The texts of the stable manifests that lead to a release, by name; of one for HLS alone, one.

    `folder` is that of the release's own manifests, as seen from the title: `releases/<release>/`,
    or `<release>/` for a flat release. Raises ReleaseRejected as `stable_mpd` does.
    """
    texts = {MASTER: stable_master(master, release, folder)}
    if mpd is not None:
        texts[MPD] = stable_mpd(mpd, folder)
    return texts


def stable_master(text: str, release: str, folder: str) -> str:
    """The multivariant playlist with every URI as seen from the title (RFC 8216, section 4.3.4).

    Its tracks may be those of several releases, so that it says in words which release it is.
    """
    seen = map_playlist(text, lambda reference: posixpath.normpath(folder + reference))
    if folder == f"{release}/":
        return seen
    first, end, rest = seen.partition("\n")
    return f"{first}{end}{_SESSION_DATA.format(release)}{end}{rest}"


def release_of_master(text: str) -> str | None:
    """The release that a stable multivariant playlist leads to; None if to none."""
    folder = folder_of_master(text)
    return None if folder is None else folder.rstrip("/").rpartition("/")[2]


def folder_of_master(text: str) -> str | None:
    """The folder of that release's own manifests, as seen from the title; None if it leads to none."""
    if said := _SAID_RELEASE.search(text):
        return f"{RELEASES_FOLDER}/{said[1]}/" if valid_release_id(said[1]) else None
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    release = first.partition("/")[0]
    return f"{release}/" if valid_release_id(release) else None


def stable_mpd(text: str, folder: str) -> str:
    """The MPD with `<BaseURL><folder></BaseURL>` at its top level.

    ISO/IEC 23009-1 wants BaseURL after ProgramInformation and before all else. Raises
    ReleaseRejected when the text is no MPD, or has a BaseURL there already: two would be
    alternatives to each other.
    """
    content = text.encode()
    name, offset = _first_child(content)
    if name == f"{_MPD_NAMESPACE} BaseURL":
        raise ReleaseRejected("mpd_base_url", "the DASH manifest has a BaseURL of its own at its top level")
    base = f"<BaseURL>{folder}</BaseURL>\n  ".encode()
    return (content[:offset] + base + content[offset:]).decode()


def release_of_mpd(text: str) -> str | None:
    """The release that a stable MPD leads to; None if to none."""
    found = _BASE_URL.search(text)
    return found[1] if found and valid_release_id(found[1]) else None


def _first_child(content: bytes) -> tuple[str, int]:
    """Name and byte offset of the MPD's first child that is not ProgramInformation."""
    open_elements: list[str] = []
    children: list[tuple[str, int]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _attributes: dict[str, str]) -> None:
        if open_elements == [f"{_MPD_NAMESPACE} MPD"] and name != f"{_MPD_NAMESPACE} ProgramInformation":
            children.append((name, parser.CurrentByteIndex))
        open_elements.append(name)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_elements.pop()
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ReleaseRejected("mpd_malformed", f"the DASH manifest is not XML: {error}") from error
    if not children:
        raise ReleaseRejected("mpd_malformed", "the DASH manifest has no MPD element with a Period in it")
    return children[0]
