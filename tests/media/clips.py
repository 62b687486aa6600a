"""What a test's source is made of, and FFmpeg's command line for it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sound:
    """A tone, or whatever the `lavfi` description says."""

    lavfi: str = "sine=frequency=440:sample_rate=48000"
    seconds: float = 2.0
    channels: int = 2
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class Clip:
    """An MP4 with one picture track (unless `picture` is empty) and any number of sound tracks.

    `before` and `after` are options of FFmpeg for the picture's input and for the output.
    """

    picture: str = "testsrc2=size=192x108:rate=25"
    seconds: float = 2.0
    sounds: tuple[Sound, ...] = ()
    filters: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def write(self, path: Path, ffmpeg: str) -> Path:
        command = [ffmpeg, "-v", "error", "-nostdin", "-y"]
        if self.picture:
            command += [*self.before, "-f", "lavfi", "-t", str(self.seconds), "-i", self.picture]
        for sound in self.sounds:
            command += ["-f", "lavfi", "-t", str(sound.seconds), "-i", sound.lavfi]
        inputs = len(self.sounds) + bool(self.picture)
        command += [argument for number in range(inputs) for argument in ("-map", str(number))]
        if self.picture:
            command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        if self.filters:
            command += ["-vf", self.filters]
        for position, sound in enumerate(self.sounds):
            command += [f"-ac:a:{position}", str(sound.channels)]
            command += [f"-metadata:s:a:{position}", f"language={sound.language}"] if sound.language else []
            command += [f"-metadata:s:a:{position}", f"title={sound.title}"] if sound.title else []
        subprocess.run([*command, *self.after, str(path)], check=True, timeout=60)
        return path


def remuxed(
    source: Path, path: Path, ffmpeg: str, *, before: tuple[str, ...] = (), after: tuple[str, ...] = ()
) -> Path:
    """A copy without encoding again: for what only the container says."""
    subprocess.run(
        [
            ffmpeg,
            "-v",
            "error",
            "-y",
            *before,
            "-i",
            str(source),
            "-map",
            "0",
            "-c",
            "copy",
            *after,
            str(path),
        ],
        check=True,
        timeout=60,
    )
    return path
