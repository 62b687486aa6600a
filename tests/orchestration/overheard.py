"""What a run says, wherever it says it: standard output, standard error, log records."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path


@contextmanager
def overhearing(path: Path) -> Iterator[None]:
    """Writes it all into a file. For fixtures of a wider scope than pytest's own capture."""
    with path.open("w") as stream:
        records = logging.StreamHandler(stream)
        logging.getLogger().addHandler(records)
        try:
            with redirect_stdout(stream), redirect_stderr(stream), _descriptors_into(stream.fileno()):
                yield
        finally:
            logging.getLogger().removeHandler(records)


@contextmanager
def _descriptors_into(target: int) -> Iterator[None]:
    """Also for what child processes say."""
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    sys.stdout.flush()
    try:
        for descriptor in kept:
            os.dup2(target, descriptor)
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)
