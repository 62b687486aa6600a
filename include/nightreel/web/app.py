"""The web app: mounted in Airflow's API server, or held in hand by a test."""

from collections.abc import Callable
from pathlib import Path

from fastapi import Depends, FastAPI

from nightreel.web.asset_files import AssetFiles
from nightreel.web.packages import NODE_MODULES
from nightreel.web.reports import ASSETS, reports_router


def create_app(reports: Path, guard: Callable[..., object]) -> FastAPI:
    """The app over the folder of the validation reports.

    `guard` is a FastAPI dependency that raises HTTPException for who may not read them. Only
    the assets, which are the same for everyone, are open.
    """
    app = FastAPI(title="Nightreel", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/assets", AssetFiles(NODE_MODULES), name=ASSETS)
    app.include_router(reports_router(reports), dependencies=[Depends(guard)])
    return app
