"""What a JPEG shows."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def pixels(picture: Path) -> NDArray[np.uint8]:
    """Rows, columns, and red, green and blue of 0 to 255."""
    with av.open(str(picture)) as container:
        assert container.streams.video[0].codec_context.name == "mjpeg"
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def shape(picture: Path) -> tuple[int, int]:
    """Width and height."""
    height, width, _ = pixels(picture).shape
    return width, height


def light(picture: Path) -> float:
    return float(pixels(picture).mean())
