"""Releases of a few small files, all their own or some kept from an earlier one."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nightreel.releases.files import describe_file, write_manifests
from nightreel.releases.upload import Outgoing, outgoing
from nightreel.vocabulary.release import (
    MANIFEST,
    MASTER,
    MPD,
    POSTER,
    init_name,
    playlist_name,
    segment_name,
)
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, rendition_of, track_id

Form = Literal["tracks", "hls alone", "flat"]

PICTURE, SOUND = "360p", "audio_en"
RENDITIONS = (PICTURE, SOUND, STILLS)

_MASTER = f"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,URI="{playlist_name(SOUND)}",GROUP-ID="audio",NAME="English"
#EXT-X-STREAM-INF:BANDWIDTH=928000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"
{playlist_name(PICTURE)}
"""
_SET = """<AdaptationSet contentType="{kind}"><Representation id="{kind}" bandwidth="900000">
      <SegmentTemplate initialization="{stem}_init.mp4" media="{stem}_$Number%03d$.m4s"/>
    </Representation></AdaptationSet>"""
_MPD = f"""<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period id="0">
    {_SET.format(kind="video", stem=f"stream_{PICTURE}")}
    {_SET.format(kind="audio", stem=SOUND)}
</Period></MPD>
"""


@dataclass(frozen=True, eq=False)
class SmallRelease:
    """A finished release on this machine. `files` are those that are not kept from another."""

    manifest: ReleaseManifest
    files: list[Outgoing]
    manifests: Path

    @property
    def id(self) -> str:
        return self.manifest.release

    @property
    def own_keys(self) -> set[str]:
        return {each.key for each in self.files}

    @property
    def keys(self) -> set[str]:
        """Of all that it is made of."""
        return self.own_keys | {self.manifest.key_of(file.name) for file in self.manifest.files}

    @property
    def stable_names(self) -> tuple[str, ...]:
        return (MASTER, MPD) if self.manifest.has_mpd else (MASTER,)


def make_release(
    folder: Path,
    title: Title,
    release: str,
    form: Form = "tracks",
    kept_from: ReleaseManifest | None = None,
    kept: Collection[str] = (),
) -> SmallRelease:
    """Make a release whose kept renditions are those of another release."""
    flat = folder / "flat"
    flat.mkdir(parents=True)
    (flat / MASTER).write_text(_MASTER)
    if form != "hls alone":
        (flat / MPD).write_text(_MPD)
    shared = kept_from.tracks if kept_from is not None and form != "flat" else {}
    tracks = {name: shared[name] for name in RENDITIONS if name in kept and name in shared}
    files = [file for file in kept_from.files if rendition_of(file.name) in tracks] if kept_from else []
    for name in RENDITIONS:
        if name not in tracks:
            tracks[name] = track_id(name, release)
            files += [describe_file(path) for path in _write_track(flat, name, release)]
    facts = ReleaseManifest(
        release=release,
        content_type=title.content_type,
        content_id=title.content_id,
        files=tuple(files),
        tracks={} if form == "flat" else tracks,
        plan={},
        tools={},
        checks={},
    )
    manifests = folder / "manifests"
    manifest = write_manifests(facts, flat, manifests)
    own = [each for each in outgoing(manifest, flat, manifests) if each.path.is_file()]
    assert any(each.file.name == MANIFEST for each in own)
    return SmallRelease(manifest, own, manifests)


def _write_track(flat: Path, rendition: str, release: str) -> list[Path]:
    if rendition == STILLS:
        texts = {POSTER: "poster"}
    else:
        init, segment = init_name(rendition), segment_name(rendition, 0)
        playlist = f'#EXTM3U\n#EXT-X-MAP:URI="{init}"\n#EXTINF:6,\n{segment}\n'
        texts = {init: "init", segment: "segment", playlist_name(rendition): playlist}
    for name, text in texts.items():
        (flat / name).write_text(f"{text}\n# {release}\n")
    return [flat / name for name in texts]
