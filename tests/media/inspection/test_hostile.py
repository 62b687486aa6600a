"""Files that were made to do harm: to read other files, to reach addresses, to exhaust the machine."""

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nightreel.errors import EncoderFailed, SourceRejected
from nightreel.media.inspection.probe import probe
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import MOST_STREAMS, graph_input, input_arguments
from tests.media.clips import Clip, Sound
from tests.media.conftest import MakeClip


@dataclass
class Site:
    """A server that counts who comes."""

    address: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Site(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def _scripts(target: str) -> dict[str, str]:
    """What FFmpeg can open and what makes it open something else."""
    segment = f'<SegmentTemplate media="{target}" initialization="{target}" duration="2" timescale="1"/>'
    return {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{target}'\n",
        "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1">{segment}</Representation></AdaptationSet></Period></MPD>',
    }


@pytest.mark.parametrize("kind", ["hls", "concat", "dash"])
def test_a_script_that_is_named_mp4_reaches_no_address(
    binaries: Binaries, tmp_path: Path, site: Site, kind: str
) -> None:
    script = tmp_path / "film.mp4"
    script.write_text(_scripts(f"{site.address}/film.mp4")[kind])
    with pytest.raises(SourceRejected) as caught:
        probe(script, binaries.ffprobe)
    assert caught.value.code == "playlist"
    _open_with_every_program(script, binaries)
    assert site.asked == []


@pytest.mark.parametrize("kind", ["hls", "concat", "dash"])
def test_a_script_that_is_named_mp4_opens_no_other_file(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, kind: str
) -> None:
    script = tmp_path / "film.mp4"
    script.write_text(_scripts(str(make_clip(Clip())))[kind])
    _open_with_every_program(script, binaries)


@pytest.mark.parametrize("kind", ["hls", "concat"])
def test_without_the_options_for_sources_the_address_would_have_been_asked(
    binaries: Binaries, tmp_path: Path, site: Site, kind: str
) -> None:
    script = tmp_path / "film.mp4"
    script.write_text(_scripts(f"{site.address}/film.mp4")[kind])
    careless = ["-protocol_whitelist", "file,http,tcp", *(["-safe", "0"] if kind == "concat" else [])]
    command = [binaries.ffmpeg, "-v", "error", *careless, "-f", kind, "-i", str(script), "-f", "null", "-"]
    subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert site.asked == ["/film.mp4"]


def test_a_film_that_refers_to_another_file_does_not_open_it(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    secret = make_clip(Clip())
    film = _referring(secret, tmp_path / "film.mov")
    careless = ["-enable_drefs", "1", "-use_absolute_path", "1"]
    assert _decodes(binaries, [*careless, "-i", str(film)])
    assert not _decodes(binaries, input_arguments(film))


def test_thousands_of_tracks_are_too_many(binaries: Binaries, tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    tone = ["-f", "lavfi", "-t", "0.1", "-i", "anullsrc=sample_rate=8000:channel_layout=mono"]
    tracks = ["-map", "0"] * (MOST_STREAMS + 1)
    command = [binaries.ffmpeg, "-v", "error", *tone, *tracks, "-c:a", "pcm_s16le", str(film)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(SourceRejected) as caught:
        probe(film, binaries.ffprobe)
    assert caught.value.code == "too_many_streams"
    assert str(MOST_STREAMS) in caught.value.sentence


def test_many_tracks_are_fine(make_clip: MakeClip, binaries: Binaries) -> None:
    sounds = tuple(Sound(seconds=0.2, channels=1) for _ in range(32))
    assert len(probe(make_clip(Clip(seconds=0.2, sounds=sounds)), binaries.ffprobe).audio) == 32


@pytest.mark.parametrize(
    ("size", "codec", "shape"),
    [("20000x16", "ffv1", "1/1"), ("8400x8400", "mjpeg", "1/1"), ("192x108", "ffv1", "90/1")],
)
def test_a_picture_of_absurd_size_or_shape_is_too_large(
    binaries: Binaries, tmp_path: Path, size: str, codec: str, shape: str
) -> None:
    path = tmp_path / "film.mkv"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", f"color=gray:size={size}:rate=1"]
    command += ["-vf", f"setsar={shape}", "-frames:v", "1", "-c:v", codec, "-strict", "unofficial"]
    subprocess.run([*command, str(path)], check=True, timeout=60)
    with pytest.raises(SourceRejected) as caught:
        probe(path, binaries.ffprobe)
    assert caught.value.code == "picture_too_large"


def test_8k_is_not_too_large(binaries: Binaries, tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "color=gray:size=7680x4320:rate=1"]
    subprocess.run(
        [*command, "-frames:v", "1", "-c:v", "mjpeg", "-strict", "unofficial", str(path)], check=True
    )
    assert probe(path, binaries.ffprobe).video.display_size == (7680, 4320)


def test_a_copy_protected_film_is_named_as_such(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    locked = tmp_path / "film.mp4"
    key = ["-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"]
    key += ["-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"]
    command = [binaries.ffmpeg, "-v", "error", "-i", str(make_clip(Clip())), "-c", "copy"]
    command += ["-encryption_scheme", "cenc-aes-ctr", *key, str(locked)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(SourceRejected) as caught:
        probe(locked, binaries.ffprobe)
    assert caught.value.code == "copy_protected"


def _open_with_every_program(path: Path, binaries: Binaries) -> None:
    """Past the sniffing, which a cleverer disguise might deceive."""
    described = subprocess.run(
        [binaries.ffprobe, "-v", "error", "-show_streams", *input_arguments(path)],
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert described.stdout == b""
    command = graph_input(path).output("pipe:", f="null").global_args("-v", "error", "-nostdin")
    with pytest.raises(EncoderFailed):
        process.run(
            command.compile(cmd=binaries.ffmpeg), timeout_seconds=60, sandbox=Sandbox(reads=(path.parent,))
        )


def _decodes(binaries: Binaries, arguments: list[str]) -> bool:
    """Whether FFmpeg finds a single picture."""
    done = subprocess.run(
        [binaries.ffmpeg, "-v", "error", "-nostdin", *arguments, "-frames:v", "1", "-f", "framecrc", "-"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return any(not line.startswith("#") for line in done.stdout.splitlines())


def _referring(other: Path, path: Path) -> Path:
    """A QuickTime movie whose samples are those of another file (QTFF, "Data Reference Atoms")."""
    data = other.read_bytes()
    boxes = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    index = data[data.index(b"moov") - 4 :]
    alias = _alias(str(other).encode())
    at = index.index(b"dref") - 4
    end = at + int.from_bytes(index[at : at + 4])
    grown = bytearray(index[: at + 16] + alias + index[end:])
    for kind in boxes:
        place = index.index(kind) - 4
        size = int.from_bytes(index[place : place + 4]) + len(alias) - (end - at - 16)
        grown[place : place + 4] = size.to_bytes(4)
    path.write_bytes(data[: data.index(b"mdat") - 4] + grown)
    return path


def _alias(target: bytes) -> bytes:
    name = target.rpartition(b"/")[2][:63]
    record = bytes(10) + bytes([4]) + b"disk".ljust(27, b"\0") + bytes(12)
    record += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    record += bytes(4 + 16)
    even = target + b"\0" * (len(target) % 2)
    record += (2).to_bytes(2) + len(target).to_bytes(2) + even + b"\xff\xff" + bytes(2)
    return (12 + len(record)).to_bytes(4) + b"alis" + bytes(4) + record
