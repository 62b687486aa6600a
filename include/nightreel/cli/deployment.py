"""The deployment that a command uses: that of the settings, or else the embedded stack."""

from collections.abc import Mapping

from nightreel.deployment import Deployment
from nightreel.errors import ConfigurationError
from nightreel.local.stack import Stack
from nightreel.settings import load_settings

_PREFIX = "NIGHTREEL_"


def current() -> Deployment:
    """The deployment whose catalog the settings name; without one, the stack that runs here.

    Raises ConfigurationError if there is neither.
    """
    options = load_settings()
    if options.catalog_dsn.get_secret_value():
        return Deployment(options)

    stack = Stack(options=options)
    if not stack.status().programs:
        raise ConfigurationError(
            "no catalog to work on: run make up, or set NIGHTREEL_CATALOG_DSN to your own in .env"
        )
    return embedded(stack)


def embedded(stack: Stack) -> Deployment:
    """The deployment of a running stack, whatever the settings name."""
    return Deployment(load_settings(**_as_arguments(stack.settings_environment())))


def _as_arguments(variables: Mapping[str, str]) -> dict[str, object]:
    """Environment variables as arguments of the settings, which override the environment."""
    return {
        name.removeprefix(_PREFIX).lower() if name.startswith(_PREFIX) else name: value
        for name, value in variables.items()
    }
