"""Files of CI systems: checked by the systems' schemas, and their scripts run by bash as a runner would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import check_jsonschema  # type: ignore[import-untyped] # it has no types
from click.testing import CliRunner
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Script", "check_schema", "documents_of", "interpolated", "run_script", "write_program", "yaml_of"]

_UVX = """\
#!/bin/sh
# uvx, with what is installed here: options of its own are left out.
while true; do
    case "$1" in
        --from | --with | --python) shift 2 ;;
        --quiet) shift ;;
        *) break ;;
    esac
done
tool=${{1%%==*}}; shift
if [ "$tool" = python ]; then exec {python} "$@"; fi
exec {python} -m "$tool" "$@"
"""


@dataclass(frozen=True)
class Script:
    """How a script ended: its exit *code*, and what it *said*."""

    code: int
    said: str


def documents_of(text: str) -> list[Any]:
    """Return the documents of the YAML *text*."""
    return list(YAML(typ="safe").load_all(text))


def yaml_of(text: str) -> Any:
    """Return the one document of the YAML *text*."""
    (document,) = documents_of(text)
    return document


def check_schema(folder: Path, schema: str, data: Any) -> None:
    """Hold *data* against the *schema* that check-jsonschema ships, by way of a file in *folder*."""
    path = folder / "checked.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    done = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", f"vendor.{schema}", str(path)])
    assert done.exit_code == 0, done.output


def write_program(folder: Path, name: str, text: str = "") -> None:
    """Write the program *name* into *folder*, by default a ``uvx`` that starts what is installed here."""
    folder.mkdir(parents=True, exist_ok=True)
    text = text or _UVX.format(python=shlex.quote(sys.executable))
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(0o755)


def run_script(script: str, cwd: Path, programs: Path, variables: Mapping[str, str]) -> Script:
    """Run *script* in *cwd* by bash, which stops at the first failure, with what is in *programs* before other programs."""
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env={**os.environ, "PATH": path, "UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", **variables},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return Script(done.returncode, done.stdout)


def interpolated(text: str, inputs: Mapping[str, Any]) -> str:
    """Return *text* with GitLab's ``$[[ inputs.NAME ]]`` filled in."""
    return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: str(inputs[match[1]]), text)
