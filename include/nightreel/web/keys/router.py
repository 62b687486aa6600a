"""The keys of encrypted titles, for players that send a token for their title."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.title import Title
from nightreel.web.access import needs, open_because
from nightreel.web.access.clients import Windows, client_of
from nightreel.web.keys.clearkey import Licence, LicenceKey, LicenceRequest, key_ids, licence_request
from nightreel.web.keys.tokens import InvalidToken, issue, title_of
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.title_lookup import mapped_title

_WHY_OPEN = "players have no API key, but a token for their title"
_NOT_KEPT = {"Cache-Control": "no-store"}
_SIXTEEN_BYTES: dict[str, Any] = {
    "description": "16 bytes",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_LICENCE_REQUEST = {
    "required": True,
    "content": {"application/json": {"schema": LicenceRequest.model_json_schema()}},
}

_EXAMPLE = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJtb3ZpZS83In0.c2ln"

_token = HTTPBearer(
    auto_error=False, scheme_name="Token", description="A title's token, as `nightreel token` makes them"
)
GivenBearer = Annotated[HTTPAuthorizationCredentials | None, Security(_token)]
GivenToken = Annotated[
    str | None,
    Query(
        description="The token, for players that cannot send the header", max_length=4096, examples=[_EXAMPLE]
    ),
]
KeyId = Annotated[UUID, Path(examples=["2f054771-f24b-b4fa-efd8-6517156dbfbf"])]


class TokenRequest(BaseModel):
    """The title that a token is for, and how long it lasts."""

    content_type: str | None = Field(None, examples=["movie"], description="Default: the installation's.")
    content_id: str = Field(examples=["7"])
    seconds: int | None = Field(None, ge=1, examples=[60], description="Default: the longest allowed.")


class Token(BaseModel):
    """What a player sends to get the key of one title."""

    token: str = Field(examples=[_EXAMPLE])
    expires_in: int = Field(examples=[300], description="In seconds.")


def keys_router() -> APIRouter:
    """`/keys/{key_id}` for HLS, `/keys/clearkey` for DASH; `/api/v1/token` for those who may read."""
    router = APIRouter(tags=["keys"])
    _add_keys(router, Windows())
    _add_tokens(router)
    return router


def _add_keys(router: APIRouter, requests: Windows) -> None:
    def admitted(
        request: Request, services: GivenServices, bearer: GivenBearer, token: GivenToken = None
    ) -> Title:
        """The title of the token."""
        title = _title_of_token(services, bearer.credentials if bearer else token)
        who, per_minute = f"{client_of(request)} {title}", services.settings.key_requests_per_minute
        if requests.add(who, 1) > per_minute:
            detail = f"A client may ask for the keys of a title {per_minute} times a minute."
            raise requests.too_many(who, "Too many requests", detail)
        return title

    @router.get(
        "/keys/{key_id}",
        summary="Get a release's key, for HLS",
        dependencies=[open_because(_WHY_OPEN)],
        response_class=Response,
        responses={200: _SIXTEEN_BYTES, **documented(401, 403, 404, 422, 429, 503)},
    )
    def content_key(
        services: GivenServices, title: Annotated[Title, Depends(admitted)], key_id: KeyId
    ) -> Response:
        """The key of a release (RFC 8216, 4.3.2.4), for a token of its title."""
        return Response(
            _key_of(services, title, key_id).key, media_type="application/octet-stream", headers=_NOT_KEPT
        )

    @router.post(
        "/keys/clearkey",
        summary="Get a ClearKey licence, for DASH",
        dependencies=[open_because(_WHY_OPEN)],
        openapi_extra={"requestBody": _LICENCE_REQUEST},
        responses=documented(401, 403, 404, 413, 422, 429, 503),
    )
    def clearkey_licence(
        services: GivenServices,
        response: Response,
        title: Annotated[Title, Depends(admitted)],
        wanted: Annotated[LicenceRequest, Depends(licence_request)],
    ) -> Licence:
        """The keys that a ClearKey player asks for (W3C EME, 9.1.4), all of the token's title."""
        keys = [_key_of(services, title, key_id) for key_id in key_ids(wanted)]
        response.headers.update(_NOT_KEPT)
        return Licence(keys=[LicenceKey.of(key) for key in keys], type=wanted.type)


def _add_tokens(router: APIRouter) -> None:
    @router.post(
        "/api/v1/token",
        summary="Issue a token for a title's keys",
        dependencies=[needs("read")],
        responses=documented(401, 403, 404, 409, 422, 503),
    )
    def player_token(
        services: GivenServices, response: Response, wanted: Annotated[TokenRequest, Body()]
    ) -> Token:
        """A token that gives a player a title's keys for a short time."""
        settings = services.settings
        content_type = wanted.content_type or services.default_content_type
        title = mapped_title(services, content_type, wanted.content_id)
        if not settings.token_secret.get_secret_value():
            raise Problem(409, "No tokens here", "NIGHTREEL_TOKEN_SECRET, which signs them, is not set.")
        seconds = min(wanted.seconds or settings.token_seconds, settings.token_seconds)
        response.headers.update(_NOT_KEPT)
        return Token(token=issue(settings, title, seconds), expires_in=seconds)


def _title_of_token(services: Services, token: str | None) -> Title:
    if not token:
        raise _no_proof("This needs a token of the title: Authorization: Bearer, or ?token=.")
    try:
        return title_of(services.settings, token)
    except InvalidToken as error:
        raise _no_proof(str(error)) from None


def _no_proof(detail: str) -> Problem:
    return Problem(401, "No valid token", detail, headers={"WWW-Authenticate": "Bearer"})


def _key_of(services: Services, title: Title, key_id: UUID) -> ContentKey:
    """The key. Raises Problem 403 if it belongs to another title, 404 if there is none."""
    found = services.catalog.content_keys.find_by_id(key_id)
    if found is None:
        raise Problem(404, "No such key", f"No release has the key {key_id}.")
    owner, key = found
    if owner != title:
        raise Problem(403, "Not allowed", f"The token is for {title}, but the key is another title's.")
    return key
