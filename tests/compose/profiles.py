"""What a person adds to `.env` for all profiles, three replicas and a work area in a bucket."""

from dataclasses import replace
from pathlib import Path

from tests.compose import authority
from tests.compose.deployment import Deployment, free_ports

HOST = "films.example.com"
PROXY_ADDRESS = "127.0.0.2"
"""Ports 80 and 443 of it are nobody's where those of 127.0.0.1 may be taken."""
REPLICAS = 3
WORK_BUCKET = "work"
_ACME = Path(__file__).with_name("acme.yaml")


def with_all_profiles(deployment: Deployment) -> Deployment:
    """The same project, with the authority for certificates beside it; not brought up yet."""
    folder = deployment.engine.folder / authority.NAME
    authority.write_authority(folder)
    deployment.s3().create_bucket(Bucket=WORK_BUCKET)
    first, *_, last = free_ports(REPLICAS)
    return replace(
        deployment,
        profiles=("local-bucket", "flower", "proxy"),
        replicas=REPLICAS,
        laid_over=(_ACME,),
    ).with_variables(
        NIGHTREEL_WORK_AREA=f"s3://{WORK_BUCKET}/area",
        PROXY_HOST=HOST,
        PROXY_ADDRESS=PROXY_ADDRESS,
        ACME_EMAIL="me@example.com",
        ACME_SERVER=authority.ADDRESS,
        ACME_FOLDER=str(folder),
        NIGHTREEL_WEB_URL=f"https://{HOST}",
        NIGHTREEL_WEB_PROXIES=deployment.subnet(),
        WEB_PORT=f"{first}-{last}",
        FLOWER_PORT=str(free_ports(1)[0]),
    )
