"""ClearKey's licence request and licence (W3C Encrypted Media Extensions, 9.1.4)."""

import base64
import binascii
from typing import Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nightreel.vocabulary.protection import ContentKey
from nightreel.web.problems import Problem

_REQUEST_BYTES = 16_384
_KEY_IDS = 32


SessionType = Literal["temporary", "persistent-license"]


class LicenceRequest(BaseModel):
    """Which keys a player wants."""

    model_config = ConfigDict(json_schema_extra={"example": {"kids": ["LwVHcfJLtPrv2GUXFW2_vw"]}})

    kids: list[str] = Field(
        min_length=1, max_length=_KEY_IDS, description="Ids of keys: 16 bytes in base64url."
    )
    type: SessionType = "temporary"


class LicenceKey(BaseModel):
    """A key as a JSON Web Key (RFC 7517)."""

    kty: Literal["oct"] = "oct"
    kid: str = Field(examples=["LwVHcfJLtPrv2GUXFW2_vw"])
    k: str = Field(examples=["S6UWzz0LLG1Xbmc0MkPj5Q"], description="16 bytes in base64url.")

    @classmethod
    def of(cls, key: ContentKey) -> "LicenceKey":
        """Key id and key in base64url without padding (W3C Encrypted Media Extensions, 9.1.4)."""
        return cls(kid=_base64url(key.key_id.bytes), k=_base64url(key.key))


class Licence(BaseModel):
    """A licence of Clear Key (W3C Encrypted Media Extensions, 9.1.4)."""

    keys: list[LicenceKey]
    type: SessionType


async def licence_request(request: Request) -> LicenceRequest:
    """The body, whatever its content type: players send different ones, or none.

    Raises Problem 413 and 422.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _REQUEST_BYTES:
            raise Problem(413, "Too large", f"A licence request has at most {_REQUEST_BYTES} bytes.")
    try:
        return LicenceRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Problem(422, "Malformed request", f"Not a ClearKey licence request: {first['msg']}.") from None


def key_ids(wanted: LicenceRequest) -> list[UUID]:
    """Raises Problem 422."""
    try:
        return [UUID(bytes=base64.urlsafe_b64decode(f"{kid}==")) for kid in wanted.kids]
    except (ValueError, binascii.Error):
        raise Problem(422, "Malformed request", "A key's id is 16 bytes in base64url.") from None


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
