"""The S3 client that the settings describe.

R2 is the reference: region `auto`, path-style addresses, no checksum trailers (botocore adds them by
default since 1.36, and R2 refuses them).
"""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def client_from_settings(settings: Settings) -> "S3Client":
    """The S3 client of the command line; tasks take theirs from the Airflow connection.

    Raises ConfigurationError naming the variables that are not set.
    """
    required = {
        "R2_ENDPOINT_URL (or R2_ACCOUNT_ID)": settings.endpoint_url,
        "R2_ACCESS_KEY_ID": settings.r2_access_key_id.get_secret_value(),
        "R2_SECRET_ACCESS_KEY": settings.r2_secret_access_key.get_secret_value(),
    }
    if unset := [name for name, value in required.items() if not value]:
        raise ConfigurationError(f"not set: {', '.join(unset)}; set them in the environment or in .env")
    try:
        return boto3.client(
            "s3",
            endpoint_url=settings.endpoint_url,
            aws_access_key_id=settings.r2_access_key_id.get_secret_value(),
            aws_secret_access_key=settings.r2_secret_access_key.get_secret_value(),
            region_name="auto",
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
                retries={"mode": "standard", "max_attempts": 5},
                max_pool_connections=max(10, settings.upload_threads),
            ),
        )
    except ValueError as error:
        raise ConfigurationError(f"R2_ENDPOINT_URL (or R2_ACCOUNT_ID) is wrong: {error}") from None
