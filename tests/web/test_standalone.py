"""The app as the settings alone make it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from nightreel.settings import Settings
from nightreel.web.standalone import services_from

INSIDE, OUTSIDE = "http://airflow-apiserver:8080", "https://airflow.example"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [("", f"{INSIDE}/dags/convert_title/runs/x"), (OUTSIDE, f"{OUTSIDE}/dags/convert_title/runs/x")],
)
def test_links_lead_to_where_browsers_find_airflow(web_settings: Settings, pages: str, expected: str) -> None:
    changes: dict[str, Any] = {
        "airflow_url": INSIDE,
        "airflow_pages_url": pages,
        "airflow_username": "someone",
        "airflow_password": SecretStr("hunter2"),
    }
    assert services_from(web_settings.model_copy(update=changes)).run_page("x") == expected


def test_programs_read_the_description_of_the_api_without_a_key(stranger: TestClient) -> None:
    described = stranger.get("/openapi.json").json()
    assert set(described["components"]["securitySchemes"]) >= {"ApiKey", "Bearer", "Token"}
    for path in ("/keys/{key_id}", "/keys/clearkey", "/api/v1/token", "/health"):
        for operation in described["paths"][path].values():
            assert "200" in operation["responses"]
    licence = described["paths"]["/keys/clearkey"]["post"]
    assert licence["requestBody"]["required"]
    assert {"401", "403", "404", "413", "422", "429"} <= set(licence["responses"])
