"""Makes the clips with FFmpeg."""

from pathlib import Path

from corpus.cases import Case
from corpus.copies.recipes import Recipe
from corpus.copies.releases import COPIED
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox

_TIMEOUT_SECONDS = 120.0


def make(recipe: Recipe, folder: Path, ffmpeg: str) -> Case:
    """The clip, in a folder; it is expected to be copied, or else part of the reason is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recipe.name}{recipe.suffix}"
    if recipe.remuxed is None:
        _run(recipe.command(ffmpeg, path), folder)
    else:
        first = folder / f"{recipe.name}_first.mp4"
        before, after = recipe.remuxed
        _run(recipe.command(ffmpeg, first), folder)
        copied = [ffmpeg, "-v", "error", "-nostdin", "-y", *before, "-i", str(first), "-map", "0"]
        _run([*copied, "-c", "copy", *after, str(path)], folder)
        first.unlink()
    if recipe.patch:
        recipe.patch(path, ffmpeg)
    return Case(recipe.name, path, recipe.what, recipe.refused or COPIED)


def _run(command: list[str], folder: Path) -> None:
    sandbox = Sandbox(reads=(folder,), writes=(folder,))
    process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=sandbox)
