"""The FFmpeg commands that Nightreel is compared with, made from its own encode jobs.

They are not written a second time, so that the settings are equal and stay so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightreel.media.encoding.transcode import encode_command
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import EncodeJob

_GRAPH = "-filter_complex"
_FILE = "file:"
_LABEL = re.compile(r"\[s(\d+)\]")


@dataclass(frozen=True)
class Output:
    """One file that FFmpeg writes, and the options before it: names and values in turn."""

    options: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class CommandLine:
    """The parts of an FFmpeg command. `opening`: the program and its input; `closing`: the global options."""

    opening: tuple[str, ...]
    graphs: tuple[str, ...]
    outputs: tuple[Output, ...]
    closing: tuple[str, ...]

    @classmethod
    def parse(cls, command: Sequence[str]) -> "CommandLine":
        """Splits a command with one input, then one or more filter graphs, then the files."""
        first = after = command.index(_GRAPH)
        while command[after] == _GRAPH:
            after += 2
        outputs = tuple(_outputs(command[after:]))
        written = sum(len(output.options) + 1 for output in outputs)
        return cls(
            opening=tuple(command[:first]),
            graphs=tuple(command[first + 1 : after : 2]),
            outputs=outputs,
            closing=tuple(command[after + written :]),
        )

    @property
    def program(self) -> str:
        """Its path."""
        return self.opening[0]

    @property
    def file(self) -> str:
        """The input, the last word before the graphs."""
        return self.opening[-1]

    def arguments(self) -> list[str]:
        """All arguments, as FFmpeg reads them."""
        graphs = [argument for graph in self.graphs for argument in (_GRAPH, graph)]
        outputs = [argument for output in self.outputs for argument in (*output.options, output.file)]
        return [*self.opening, *graphs, *outputs, *self.closing]

    def beside(self, other: "CommandLine") -> "CommandLine":
        """One command that does what both do. They must read the same file; this one says how."""
        if (self.program, self.file, self.closing) != (other.program, other.file, other.closing):
            raise ValueError("only commands with the same input and global options can become one")
        renamed = other._with_labels("t")
        return CommandLine(
            self.opening, (*self.graphs, *renamed.graphs), (*self.outputs, *renamed.outputs), self.closing
        )

    def _with_labels(self, letter: str) -> "CommandLine":
        # Every graph numbers its links from [s0], and a link may have only one source.
        def rename(text: str) -> str:
            return _LABEL.sub(rf"[{letter}\1]", text)

        return CommandLine(
            self.opening,
            tuple(map(rename, self.graphs)),
            tuple(Output(tuple(map(rename, each.options)), each.file) for each in self.outputs),
            self.closing,
        )


def _outputs(arguments: Sequence[str]) -> Iterator[Output]:
    """The options and the name of each file; the global options after the last file belong to none."""
    options: list[str] = []
    for argument in arguments:
        if argument.startswith(_FILE):
            yield Output(tuple(options), argument)
            options = []
        else:
            options.append(argument)


def one_process(plan: Plan, source: Path, folder: Path, ffmpeg: str) -> list[str]:
    """One FFmpeg that decodes the source once and makes every rendition of the plan in `folder`."""
    video = _command([item.name for item in plan.video], "video", plan, source, folder, ffmpeg)
    if not plan.audio:
        return video.arguments()
    audio = _command([item.name for item in plan.audio], "audio", plan, source, folder, ffmpeg)
    return video.beside(audio).arguments()


def one_each(plan: Plan, source: Path, folder: Path, ffmpeg: str) -> list[list[str]]:
    """One FFmpeg per rendition of picture and sound, however the plan groups them into jobs."""
    kinds = (("video", plan.video), ("audio", plan.audio))
    return [
        _command([item.name], kind, plan, source, folder, ffmpeg).arguments()
        for kind, renditions in kinds
        for item in renditions
    ]


def _command(
    names: Sequence[str], kind: str, plan: Plan, source: Path, folder: Path, ffmpeg: str
) -> CommandLine:
    job = EncodeJob.model_validate(
        {
            "kind": kind,
            "renditions": names,
            "start_frame": 0,
            "end_frame": plan.frames,
        }
    )
    files = {name: folder / f"{name}.mp4" for name in names}
    return CommandLine.parse(encode_command(job, plan, source, files, ffmpeg))
