"""Plays one stream in Chromium and prints what was seen; exit status 0 only if all of it plays.

python -m tests.players.play http://127.0.0.1:8333/demo/hls/movies/1/master.m3u8 --player hls.js
"""

import argparse
import sys

from tests.players.chromium import chromium, find_chromium
from tests.players.driver import PLAYERS, PlayReport, play
from tests.players.site import players_site


def main() -> int:
    options = _options()
    executable = find_chromium()
    if executable is None:
        print("no Chromium here; on Debian: apt install chromium", file=sys.stderr)
        return 2
    with players_site() as site, chromium(executable) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        report = play(page, options.player, options.url, site=site, screenshot=options.screenshot)
    print(describe(report))
    return 0 if report.plays else 1


def describe(report: PlayReport) -> str:
    """The report in lines for people."""
    lines = [f"{report.player}: {report.url}"]
    lines += [
        f"  {play.width}×{play.height} at {play.variant.bandwidth / 1000:.0f} kb/s: "
        f"{play.advanced_seconds:.2f} s shown"
        for play in report.variants_reached
    ]
    lines.append(f"  {len(report.variants_reached)} of {len(report.variants_listed)} variants reached")
    if report.duration is not None:
        sound = "sound" if report.audio_present else "no sound"
        lines.append(f"  {report.duration:.3f} s, {sound}, first frame at {report.first_frame:.3f} s")
    lines += [f"  {buffer.kind} buffered: {_ranges(buffer.ranges)}" for buffer in report.buffers]
    lines.append(f"  {report.frames_dropped} of {report.frames_total} frames dropped")
    lines += [f"  error: {error}" for error in report.errors]
    return "\n".join(lines)


def _ranges(ranges: tuple[tuple[float, float], ...]) -> str:
    return ", ".join(f"{start:.3f} to {end:.3f} s" for start, end in ranges)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.players.play", description=__doc__)
    parser.add_argument("url", help="a multivariant playlist, or an MPD")
    parser.add_argument("--player", choices=PLAYERS, default="hls.js")
    parser.add_argument("--screenshot", metavar="F.png", help="keep a picture of the middle of the stream")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
