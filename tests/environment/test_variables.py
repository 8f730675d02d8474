"""The shield: what of the outer environment reaches commands and installs."""

from __future__ import annotations

import pytest

from wsnox.environment.variables import command_env, install_env

HOSTILE = (
    *("PIP_CONSTRAINT", "PIP_NO_DEPS", "PIP_PRE", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER"),
    *("UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_NO_EDITABLE", "UV_NO_VERIFY_HASHES", "UV_OVERRIDE"),
    *("UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_REINSTALL", "UV_RESOLUTION", "UV_SYSTEM_PYTHON", "UV_TARGET"),
)
NEEDED = (
    *("HTTPS_PROXY", "HOME", "NETRC", "PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "TMPDIR"),
    *(
        "PIP_CACHE_DIR",
        "PIP_CERT",
        "PIP_CONFIG_FILE",
        "PIP_EXTRA_INDEX_URL",
        "PIP_INDEX_URL",
        "PIP_PROXY",
        "PIP_TIMEOUT",
    ),
    *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_INDEX", "UV_INDEX_PRIVATE_PASSWORD"),
    *("UV_KEYRING_PROVIDER", "UV_LINK_MODE", "UV_NATIVE_TLS", "UV_OFFLINE", "UV_SYSTEM_CERTS"),
)


def test_commands_import_nothing_from_outside() -> None:
    """Every variable that adds to what Python imports is taken away, and user site is off."""
    shield = command_env()
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "UV_PROJECT", "UV_ENV_FILE"):
        assert shield[name] is None
    assert {name: value for name, value in shield.items() if value is not None} == {"PYTHONNOUSERSITE": "1"}


@pytest.mark.parametrize("name", HOSTILE)
def test_installs_see_nothing_that_changes_them(name: str) -> None:
    """A variable that changes what is installed, or where, does not reach uv or pip."""
    assert install_env([name])[name] is None


@pytest.mark.parametrize("name", NEEDED)
def test_installs_keep_how_to_fetch(name: str) -> None:
    """Credentials, proxies, certificates, caches and indexes pass: without them nothing could be fetched."""
    assert name not in install_env([name])


def test_installs_are_shielded_like_commands() -> None:
    """A build runs user code in the same shield as a command does."""
    assert install_env([]).items() >= command_env().items()
