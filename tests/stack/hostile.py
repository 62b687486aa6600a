"""A catalog, files and metadata as somebody writes them who means harm."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from nightreel.media.programs.binaries import find_binaries

SECRET = "{{ conn.nightreel_bucket.password }}"
BLOCK = "{% for each in ().__class__.__mro__ %}{% if"
PAGE = """</title></script><script>alert("x")</script><img src="//evil.invalid/x" onerror=alert(1)> ' & <b>"""
LINES = 'two\r\n#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="//evil.invalid/y",NAME="z"\n2026-01-01 ERROR forged'
TERMINAL = "\x1b[31m\x1b]0;owned\x07[red]red[/red] %s %(asctime)s {0}"
BIDI = "\u202eesrever\u2067\u200f"
LONG = "x" * 10_000


def programme(touches: Path) -> str:
    """Runs a command where it is rendered; `touches` tells of it."""
    return f"{{{{macros.json.codecs.sys.modules.os.system('touch {touches}')}}}}"


@dataclass(frozen=True)
class HostileTitle:
    """A row: its name, and the key of its file in the bucket, or whatever its URL says instead."""

    content_id: int
    name: str
    url: str
    content: Path | None = None


def titles(folder: Path, touched: Path) -> tuple[HostileTitle, ...]:
    """One that can be published, one that is no video, one that is missing, one that is refused."""
    run = programme(touched)
    every = " ".join((run, SECRET, BLOCK, PAGE, LINES, TERMINAL, BIDI))
    text = folder / "text"
    text.write_text(f"{run} {PAGE}")
    key = f"sources/{SECRET} {BIDI} [red] %s ' \".mkv"
    return (
        HostileTitle(1, f"{every} {LONG}", key, film(folder, touched)),
        HostileTitle(2, f"{SECRET} {LINES} {LONG}", "sources/text.mp4", text),
        HostileTitle(3, f"{BIDI} {PAGE} {TERMINAL} {BLOCK}", f"sources/{run} {LINES}.mp4"),
        HostileTitle(4, "", f"//{PAGE}{LINES}"),
    )


def film(folder: Path, touched: Path) -> Path:
    """A second of video whose tracks and container are named like the titles."""
    path, subtitles = folder / "film.mkv", folder / "film.srt"
    subtitles.write_text(
        f"1\n00:00:00,100 --> 00:00:00,900\n{SECRET} <script>alert(1)</script> --> x\nNOTE\n\n"
    )
    every = " ".join((programme(touched), SECRET, PAGE, LINES, BIDI))
    named = [f"title={every}", f"comment={every}", f"artist={BLOCK}"]
    tracks = [f"title={LINES} {SECRET}", f"language={SECRET}"]
    command = [
        find_binaries().ffmpeg,
        *("-v", "error", "-nostdin", "-y"),
        *("-f", "lavfi", "-i", "testsrc2=size=426x240:rate=25"),
        *("-f", "lavfi", "-i", "sine=sample_rate=48000"),
        *("-i", str(subtitles)),
        *("-map", "0", "-map", "1", "-map", "1", "-map", "2"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s", "srt"),
        *(part for each in named for part in ("-metadata", each)),
        *(part for each in tracks for part in ("-metadata:s:a:0", each, "-metadata:s:s:0", each)),
        *("-metadata:s:a:1", f'title="{PAGE}', "-metadata:s:a:1", "language=eng\n#EXTM3U"),
        *("-metadata:s:v:0", f"title={every}", "-t", "1", str(path)),
    ]
    subprocess.run(command, check=True, timeout=60)
    return path
