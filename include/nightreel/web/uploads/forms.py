"""Forms with a file (multipart/form-data, RFC 7578), read as they arrive."""

from collections.abc import Callable, Mapping
from io import BytesIO

from fastapi import Request
from starlette.requests import ClientDisconnect
from streaming_form_data import ParseFailedException, StreamingFormDataParser
from streaming_form_data.targets import BaseTarget

from nightreel.web.problems import Problem

_OVERHEAD_BYTES = 64 << 10
"""Allowance for what a form contains besides its file."""
_MOST_TEXT_BYTES = 1024


def malformed(detail: str) -> Problem:
    """The response to a form that cannot be read."""
    return Problem(422, "Malformed request", detail)


def too_large(limit: int, what: str) -> Problem:
    """The response to more than `limit` bytes; `what` begins the sentence."""
    return Problem(413, "Too large", f"{what} may have {limit} bytes at most.", most_bytes=limit)


def content_length(request: Request) -> int | None:
    """The body's length in bytes, as announced by the client; None if it is not."""
    said = request.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else None


class Once(BaseTarget):  # type: ignore[misc]
    """A field that may occur once. Raises Problem 422 for a second one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._complete = False
        self._seen = False

    async def on_start_async(self) -> None:
        """Raises Problem when the field comes again."""
        if self._seen:
            raise malformed(f"The form has the field {self.name} twice.")
        self._seen = True

    async def on_finish_async(self) -> None:
        """The field is complete."""
        self._complete = True

    def require_complete(self) -> None:
        """Raises Problem 422 when the field is missing or incomplete."""
        if not self._complete:
            raise malformed(f"The form lacks the field {self.name}, or ends within it.")


class TextField(Once):
    """A short text; `check` examines it as soon as it has arrived, and raises if it is invalid."""

    def __init__(self, name: str, check: Callable[[str], object]) -> None:
        super().__init__(name)
        self._check = check
        self._data = b""

    async def on_data_received_async(self, chunk: bytes) -> None:
        """Raises Problem when the text is too long."""
        self._data += chunk
        if len(self._data) > _MOST_TEXT_BYTES:
            raise malformed(f"The field {self.name} is longer than {_MOST_TEXT_BYTES} bytes.")

    async def on_finish_async(self) -> None:
        """Raises Problem when the field does not accept the text."""
        await super().on_finish_async()
        self._check(self.text)

    @property
    def text(self) -> str:
        """Raises Problem 422 when the field is missing, or no text."""
        self.require_complete()
        try:
            return self._data.decode().strip()
        except UnicodeDecodeError:
            raise malformed(f"The field {self.name} is not UTF-8.") from None


class BytesField(Once):
    """A piece of a file, held in memory until it is complete; `most_bytes` is its limit."""

    def __init__(self, name: str, most_bytes: int) -> None:
        super().__init__(name)
        self.most_bytes = most_bytes
        self._came = BytesIO()

    async def on_data_received_async(self, chunk: bytes) -> None:
        """Raises Problem when there are too many bytes."""
        self._came.write(chunk)
        if self._came.tell() > self.most_bytes:
            raise too_large(self.most_bytes, "A chunk")

    @property
    def data(self) -> bytes:
        """Raises Problem 422 when the field is missing."""
        self.require_complete()
        return self._came.getvalue()


async def read_form(request: Request, fields: Mapping[str, BaseTarget], most_bytes: int, what: str) -> None:
    """Passes each field to its target as it arrives; `most_bytes` is the file's limit.

    Raises Problem 413 for a longer body as soon as it is announced or received, and 422 for anything that
    is not such a form. Fields without a target are skipped.
    """
    most = most_bytes + _OVERHEAD_BYTES
    if (content_length(request) or 0) > most:
        raise too_large(most_bytes, what)
    parser = _parser(request, fields)
    came = 0
    try:
        async for piece in request.stream():
            came += len(piece)
            if came > most:
                raise too_large(most_bytes, what)
            await parser.adata_received(piece)
    except (ParseFailedException, UnicodeError) as error:
        raise malformed(f"This is not a valid form: {error}.") from error
    except ClientDisconnect as error:
        raise Problem(400, "Broken off", "The connection ended before the form did.") from error


def _parser(request: Request, fields: Mapping[str, BaseTarget]) -> StreamingFormDataParser:
    try:
        parser = StreamingFormDataParser(request.headers)
    except (ParseFailedException, ValueError, LookupError, AttributeError, TypeError) as error:
        # The email package reads the header, and fails in several ways if it is odd.
        raise malformed("The body must be a form: multipart/form-data, with its boundary.") from error
    for name, target in fields.items():
        parser.register(name, target)
    return parser
