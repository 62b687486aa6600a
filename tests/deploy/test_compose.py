"""What docker-compose.yaml promises, against its schema and against what the code reads."""

import re

import pytest
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft202012Validator

from nightreel.settings import Settings
from tests.deploy import compose

_SCHEMA = get_builtin_schema("vendor.compose-spec")

_ALIKE_EVERYWHERE = (
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CELERY__BROKER_URL",
    "AIRFLOW__CELERY__RESULT_BACKEND",
)


def setting_variables() -> set[str]:
    """The name in the environment of every setting."""
    return {
        str(field.validation_alias or f"NIGHTREEL_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def test_the_file_is_valid_against_the_compose_specification() -> None:
    faults = Draft202012Validator(_SCHEMA).iter_errors(compose.compose_file())
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


def test_the_schema_refuses_a_service_with_an_unknown_key() -> None:
    assert not Draft202012Validator(_SCHEMA).is_valid({"services": {"a": {"image": "b", "comand": "c"}}})


def test_all_the_parts_of_a_production_airflow_are_there() -> None:
    assert set(compose.services()) == {
        "postgres", "redis", "airflow-init", "airflow-apiserver", "airflow-scheduler",
        "airflow-dag-processor", "airflow-worker", "airflow-triggerer",
        "web", "proxy", "flower", "local-bucket", "local-bucket-init",
    }  # fmt: skip


def test_the_proxy_flower_and_the_stand_in_for_r2_start_only_when_asked_for() -> None:
    profiles = {
        name: service["profiles"] for name, service in compose.services().items() if "profiles" in service
    }
    assert profiles == {
        "proxy": ["proxy"],
        "flower": ["flower"],
        "local-bucket": ["local-bucket"],
        "local-bucket-init": ["local-bucket"],
    }


@pytest.mark.parametrize("name", sorted(compose.services()))
def test_a_service_has_a_health_check_or_runs_once(name: str) -> None:
    service = compose.services()[name]
    if name in compose.ONE_SHOT:
        assert service["restart"] == "no"
        assert "healthcheck" not in service
    else:
        assert service["restart"] == "always"
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", sorted(compose.services()))
def test_a_service_waits_for_others_to_be_healthy_or_done_not_just_started(name: str) -> None:
    for other, rule in compose.services()[name].get("depends_on", {}).items():
        done = "service_completed_successfully" if other in compose.ONE_SHOT else "service_healthy"
        assert rule["condition"] == done


@pytest.mark.parametrize("name", sorted(set(compose.airflow_services()) - set(compose.ONE_SHOT)))
def test_airflow_starts_on_a_prepared_database_only(name: str) -> None:
    assert "airflow-init" in compose.services()[name]["depends_on"]


@pytest.mark.parametrize("name", sorted(compose.airflow_services()))
def test_every_part_of_airflow_has_the_same_keys_and_addresses(name: str) -> None:
    mine = compose.environment(name, compose.filled_in())
    workers = compose.environment("airflow-worker", compose.filled_in())
    assert {key: mine[key] for key in _ALIKE_EVERYWHERE} == {key: workers[key] for key in _ALIKE_EVERYWHERE}


@pytest.mark.parametrize("name", sorted(compose.airflow_services()))
def test_every_setting_reaches_every_part_of_airflow(name: str) -> None:
    assert set(compose.services()[name]["environment"]) >= setting_variables()


def test_no_setting_is_passed_on_that_nobody_reads() -> None:
    passed_on = {
        name
        for name in compose.services()["airflow-worker"]["environment"]
        if name.startswith(("NIGHTREEL_", "R2_"))
    }
    assert passed_on == setting_variables()


@pytest.mark.parametrize("variable", sorted(setting_variables() - {"NIGHTREEL_AIRFLOW_URL"}))
def test_a_setting_keeps_the_value_that_the_env_file_gives_it(variable: str) -> None:
    variables = compose.filled_in(**{variable: "https://as.given"})
    assert compose.environment("airflow-worker", variables)[variable] == "https://as.given"


def test_settings_that_the_env_file_leaves_out_keep_their_defaults() -> None:
    worker = compose.environment("airflow-worker", compose.filled_in())
    assert "NIGHTREEL_RETRIES" not in worker
    assert "NIGHTREEL_PRESET" not in worker


def test_every_variable_of_the_file_is_explained_in_the_example() -> None:
    explained = {variable.name for variable in compose.example()}
    used = {name for text in compose.strings(compose.compose_file()) for name in _interpolated(text)}
    passed_on = {
        name
        for service in compose.services().values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    assert used | passed_on <= explained


def test_the_worker_shares_no_process_group_with_its_supervisor() -> None:
    assert compose.environment("airflow-worker", compose.filled_in())["DUMB_INIT_SETSID"] == "0"


def test_redis_waits_longer_than_the_longest_encode_before_it_gives_a_task_to_another_worker() -> None:
    worker = compose.environment("airflow-worker", compose.filled_in())
    timeout = int(worker["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"])
    five_hours = 5 * 3600
    assert timeout > 600 + five_hours * Settings.model_fields["encode_timeout_factor"].default


def test_the_work_area_and_the_reports_are_volumes_of_every_part_of_airflow() -> None:
    for service in compose.airflow_services().values():
        mounts = dict(reversed(volume.split(":")[:2]) for volume in service["volumes"])
        assert mounts["/opt/airflow/work"] == "work"
        assert mounts["/opt/airflow/reports"] == "reports"


def test_every_named_volume_and_config_is_declared() -> None:
    file = compose.compose_file()
    for service in compose.services().values():
        named = [volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")]
        assert set(named) <= set(file["volumes"])
        assert {config["source"] for config in service.get("configs", [])} <= set(file["configs"])


@pytest.mark.parametrize(
    "variable",
    [
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__FERNET_KEY",
        "_AIRFLOW_WWW_USER_PASSWORD",
        "NIGHTREEL_TOKEN_SECRET",
        "R2_ACCESS_KEY_ID",
        "R2_SECRET_ACCESS_KEY",
        "R2_BUCKET_NAME",
        "R2_PUBLIC_URL",
    ],
)
def test_nothing_starts_while_a_secret_or_the_bucket_is_not_set(variable: str) -> None:
    text = "\n".join(compose.strings(compose.compose_file()))
    with pytest.raises(compose.NotSetError, match=variable):
        compose.interpolate(text, compose.filled_in(**{variable: ""}))


def test_no_secret_has_a_default() -> None:
    for text in compose.strings(compose.compose_file()):
        for name, alternative in _alternatives(text):
            if name.endswith(("PASSWORD", "SECRET", "_KEY", "KEY_ID")):
                other_secret = re.match(r"\$\{\w+(PASSWORD|SECRET):\?", alternative)
                assert alternative == "" or other_secret, f"{name} has the default {alternative}"


def test_only_the_web_interfaces_the_proxy_flower_and_the_stand_in_for_r2_are_reachable_from_outside() -> (
    None
):
    published = {name for name, service in compose.services().items() if "ports" in service}
    assert published == {"airflow-apiserver", "web", "proxy", "flower", "local-bucket"}


def test_flower_asks_for_the_administrators_password() -> None:
    flower = compose.environment("flower", compose.filled_in(_AIRFLOW_WWW_USER_PASSWORD="right"))
    assert flower["AIRFLOW__CELERY__FLOWER_BASIC_AUTH"] == "admin:right"


def _interpolated(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)", text.replace("$$", "")))


def _alternatives(text: str) -> list[tuple[str, str]]:
    return re.findall(r"\$\{(\w+):-([^}]*)", text.replace("$$", ""))
