"""The scripts and styles that the pages load: our own, and a few from installed packages."""

import os
from pathlib import Path

from fastapi import HTTPException
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.staticfiles import PathLike
from starlette.types import Scope

_OUR_OWN = Path(__file__).with_name("assets")

# The files of packages that are served, by name, with their paths below node_modules.
_OF_PACKAGES = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap-table.min.css": "bootstrap-table/dist/bootstrap-table.min.css",
    "bootstrap-table.min.js": "bootstrap-table/dist/bootstrap-table.min.js",
    "dash.all.min.js": "dashjs/dist/modern/esm/dash.all.min.js",
    "hls.min.mjs": "hls.js/dist/hls.min.mjs",
    "hls.worker.js": "hls.js/dist/hls.worker.js",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "jquery.min.js": "jquery/dist/jquery.min.js",
    "sha256.umd.min.js": "hash-wasm/dist/sha256.umd.min.js",
}


class AssetFiles(StaticFiles):
    """Serves them by name. A file that is not installed is a 404 that says how to install it."""

    def __init__(self, node_modules: Path) -> None:
        super().__init__(directory=_OUR_OWN)
        self._node_modules = node_modules

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Also finds the scripts and styles that npm has installed."""
        if path not in _OF_PACKAGES:
            return super().lookup_path(path)
        file = self._node_modules / _OF_PACKAGES[path]
        try:
            return str(file), file.stat()
        except FileNotFoundError:
            raise HTTPException(404, f"{path} is not installed; `make venv` installs it") from None

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Tells browsers to ask each time whether the file has changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        # Browsers check by ETag each time, because scripts of two versions would not fit together.
        response.headers["Cache-Control"] = "no-cache"
        return response
