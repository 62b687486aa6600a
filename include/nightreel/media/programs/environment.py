"""What the programs that Nightreel starts see of its environment: a short list, without secrets.

Airflow passes the bucket's keys and its own signing secrets to its tasks as variables. A decoder that a
hostile file has taken over must not find them.
"""

import os
from collections.abc import Mapping

_KEPT = frozenset(
    {
        # Where programs, libraries and temporary files are, and the language of messages.
        *("PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ"),
        # The decode check, a Python program, needs this to find its modules.
        *("PYTHONPATH", "PYTHONHOME"),
        # Which device encodes, and where its driver is.
        *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES"),
        *("NVIDIA_DRIVER_CAPABILITIES", "LIBVA_DRIVER_NAME", "LIBVA_DRIVERS_PATH"),
        *("ONEVPL_SEARCH_PATH", "MFX_HOME"),
        # The embedded stack finds its leftover processes by this.
        "NIGHTREEL_STACK",
    }
)
_PACKAGE_CLIENTS = frozenset(
    {
        # The user's configuration of npm and pip, and how to reach their registries.
        *("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
        *("http_proxy", "https_proxy", "no_proxy", "all_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    }
)
_PACKAGE_CLIENT_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_")


def clean_environment(**more: str) -> dict[str, str]:
    """The variables for a program that Nightreel starts; `more` adds or replaces some."""
    return {name: value for name, value in os.environ.items() if name in _KEPT} | more


def package_client_environment() -> dict[str, str]:
    """The same for npm and pip, which also need the address of their registry and proxy."""
    return clean_environment() | _of_package_clients(os.environ)


def _of_package_clients(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in variables.items()
        if name in _PACKAGE_CLIENTS or name.startswith(_PACKAGE_CLIENT_PREFIXES)
    }
