"""Still pictures: whether they are JPEGs that decode, and how large they are."""

from pathlib import Path

import av
from av.error import FFmpegError

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"


def jpeg_fault(path: Path) -> str:
    """A sentence on why a file is not a whole JPEG; empty when it is one."""
    data = path.read_bytes()
    if not data.startswith(_START):
        return "it is not a JPEG"
    if not data.rstrip(b"\0").endswith(_END):
        return "it is cut off"
    try:
        with av.open(str(path), format="jpeg_pipe") as container:
            next(container.decode(video=0))
    except (FFmpegError, StopIteration, IndexError) as error:
        return f"it cannot be decoded: {error}"
    return ""


def jpeg_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels; nothing by nothing where there is no picture."""
    try:
        with av.open(str(path), format="jpeg_pipe") as container:
            picture = container.streams.video[0]
            return picture.width, picture.height
    except (FFmpegError, IndexError):
        return 0, 0
