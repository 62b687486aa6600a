"""Callers of the web app when it is mounted in Airflow: Airflow's own users, with their permissions."""

from urllib.parse import urlencode

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.models.dag import DagModel
from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from nightreel.runs.dags import CONVERT_DAG
from nightreel.vocabulary.scopes import Scope
from nightreel.web.access import Caller

_LOGIN = "/api/v2/auth/login"

_bearer = HTTPBearer(auto_error=False)


class AirflowAccess:
    """Identifies a caller by Airflow's token: as a bearer token, or in the cookie of a signed-in browser."""

    sign_in_page: str | None = None

    def sign_in_url(self, request: Request, back: str) -> str:
        """Airflow's own page, which leads back to `back`, a path of the app."""
        mounted, above = request.scope.get("root_path", ""), request.scope.get("app_root_path", "")
        return f"{above}{_LOGIN}?{urlencode({'next': f'{mounted}{back}'})}"

    async def identify(self, request: Request) -> Caller | None:
        """The user. Those who may see titles' runs may read, and those who may start them may change."""
        bearer = await _bearer(request)
        try:
            user = await get_user(request, None, bearer)
        except HTTPException:
            return None
        return await run_in_threadpool(_caller, user, by_cookie=bearer is None)


def _caller(user: BaseUser, *, by_cookie: bool) -> Caller:
    # The app calls Airflow's API as the user, so that Airflow itself decides what is allowed.
    token = get_auth_manager().generate_jwt(user)
    return Caller(user.get_name(), _scopes(user), by_cookie, token, f"user {user.get_id()}")


def _scopes(user: BaseUser) -> frozenset[Scope]:
    manager = get_auth_manager()
    dag = DagDetails(id=CONVERT_DAG, team_name=DagModel.get_team_name(CONVERT_DAG))
    scopes: set[Scope] = set()
    if manager.is_authorized_dag(
        method="GET", access_entity=DagAccessEntity.TASK_INSTANCE, details=dag, user=user
    ):
        scopes.add("read")
    if manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, details=dag, user=user):
        scopes |= {"convert", "upload"}
    return frozenset(scopes)
