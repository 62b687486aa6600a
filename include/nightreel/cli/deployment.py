"""Which Nightreel a command works on: the one that the settings name, else the embedded one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nightreel.deployment import Deployment
from nightreel.errors import ConfigurationError

if TYPE_CHECKING:
    from nightreel.local.stack import Stack

_PREFIX = "NIGHTREEL_"


def current() -> Deployment:
    """The deployment whose catalog the settings name; without one, the stack that runs here.

    Raises ConfigurationError when there is neither.
    """
    from nightreel.settings import load_settings

    options = load_settings()
    if options.catalog_dsn.get_secret_value():
        return Deployment(options)
    from nightreel.local.stack import Stack

    stack = Stack(options=options)
    if not stack.status().programs:
        raise ConfigurationError(
            "no catalog to work on: run make up, or set NIGHTREEL_CATALOG_DSN to your own in .env"
        )
    return embedded(stack)


def embedded(stack: "Stack") -> Deployment:
    """The deployment of a stack that was started, whatever other one the settings name."""
    from nightreel.settings import load_settings

    return Deployment(load_settings(**_as_arguments(stack.settings_environment())))


def _as_arguments(variables: Mapping[str, str]) -> dict[str, object]:
    """Environment variables as arguments of the settings, which take precedence over the environment."""
    return {
        name.removeprefix(_PREFIX).lower() if name.startswith(_PREFIX) else name: value
        for name, value in variables.items()
    }
