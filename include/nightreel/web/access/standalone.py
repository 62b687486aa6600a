"""Callers of the app on its own: API keys, and sessions opened with one."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from urllib.parse import urlencode

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from nightreel.catalog import ApiKey, Catalog
from nightreel.vocabulary.scopes import SCOPES
from nightreel.web.access.callers import SAFE_METHODS, Caller
from nightreel.web.access.clients import client_of
from nightreel.web.access.key_gate import KeyGate
from nightreel.web.access.sessions import COOKIE, open_session, session_and_key
from nightreel.web.single_flight import SingleFlight

_BEARER = "bearer "
_READ_ON_SECONDS = 5.0
_WRONG_KEYS_PER_MINUTE = 30

_Proof = tuple[str, Callable[[], ApiKey | None]]
"""A possible proof of who a caller is: the name under which it is remembered, and how to look it up."""


class StandaloneAccess:
    """Identifies a caller by an API key (`ApiKey: …` or `Authorization: Bearer …`), or else by a session.

    If there is a header, only it counts: a wrong key beside a valid session is no proof.

    Wrong keys do not reach the threads that look up right ones, and are limited in rate.

    The catalog is asked before anything is changed. A reader is remembered for `read_on_seconds`, so a
    revoked key may read for that long: many clients poll, and asking takes more than answering.
    """

    def __init__(
        self,
        catalog: Catalog,
        read_on_seconds: float = _READ_ON_SECONDS,
        wrong_keys_per_minute: int = _WRONG_KEYS_PER_MINUTE,
    ) -> None:
        self.sign_in_page: str | None = "/sign-in"
        self._keys = catalog.api_keys
        self._sessions = catalog.sessions
        self._signing_key: str | None = None
        self._gate = KeyGate(self._keys.fingerprints, wrong_keys_per_minute)
        self._remembered: SingleFlight[ApiKey | None] = SingleFlight(
            lambda key: read_on_seconds if key else 0.0
        )

    def sign_in_url(self, request: Request, back: str) -> str:
        """The app's own page, which leads back to `back`, a path of the app."""
        return f"{request.scope.get('root_path', '')}{self.sign_in_page}?{urlencode({'next': back})}"

    async def identify(self, request: Request) -> Caller | None:
        """The key's owner. Raises CatalogUnavailable; Problem 429 for too many wrong keys."""
        given = _key_given(request)
        proof = await (self._session(request) if given is None else self._key(request, given))
        if proof is None:
            return None
        name, look = proof
        reads = request.method in SAFE_METHODS
        key = await (self._remembered.see(name, look) if reads else run_in_threadpool(look))
        if key is None and given is not None:
            self._gate.forget(given)
        return _caller(key, by_cookie=given is None) if key else None

    async def sign_in(self, request: Request, text: str) -> str | None:
        """The token of a new session for the key with this text; None for a wrong key.

        Raises CatalogUnavailable; Problem 429 for too many wrong keys.
        """
        proof = await self._key(request, text)
        if proof is None:
            return None
        key = await run_in_threadpool(proof[1])
        return await run_in_threadpool(open_session, self._sessions, key.key_id) if key else None

    async def sign_out(self, request: Request) -> None:
        """Ends the request's session, also for anyone who has copied its token.

        Raises CatalogUnavailable rather than report a sign-out that did not happen.
        """
        signed = await self._signed(request)
        if signed is not None:
            session, _ = signed
            await run_in_threadpool(self._sessions.end, session)
            self._remembered.forget(_session_name(session))

    async def _key(self, request: Request, text: str) -> _Proof | None:
        """How to look up the key with this text; None for a wrong one."""
        if not await self._gate.lets_in(text, client_of(request)):
            return None
        # The key itself is stored nowhere.
        return f"key {sha256(text.encode()).hexdigest()}", partial(self._keys.find, text)

    async def _session(self, request: Request) -> _Proof | None:
        """How to look up the cookie's session; None if it is not one of ours."""
        signed = await self._signed(request)
        if signed is None:
            return None
        session, key_id = signed
        return _session_name(session), partial(self._sessions.opened_by, session, key_id)

    async def _signed(self, request: Request) -> tuple[str, str] | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        if self._signing_key is None:
            self._signing_key = await run_in_threadpool(self._sessions.signing_key)
        return session_and_key(self._signing_key, token)


def _session_name(session: str) -> str:
    return f"session {sha256(session.encode()).hexdigest()}"


def _key_given(request: Request) -> str | None:
    key = request.headers.get("ApiKey")
    if key is not None:
        return key.strip()
    authorization = request.headers.get("Authorization")
    if authorization is None or not authorization.lower().startswith(_BEARER):
        return None
    return authorization[len(_BEARER) :].strip()


def _caller(key: ApiKey, *, by_cookie: bool) -> Caller:
    return Caller(
        name=key.name,
        scopes=frozenset(each for each in SCOPES if each in key.scopes),
        by_cookie=by_cookie,
        identity=f"key {key.key_id}",
    )
