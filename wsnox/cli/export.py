"""``wsnox export``: a closure as a PEP 751 file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import tomli
from packaging.pylock import is_valid_pylock_path

from wsnox.cli.chosen import chosen_closure, print_others
from wsnox.cli.output import members_data, show, target_text
from wsnox.cli.terminal import Terminal
from wsnox.environment.pylock import local_digests, pylock
from wsnox.errors import RequestError, WsnoxError
from wsnox.text import counted

if TYPE_CHECKING:
    from argparse import Namespace

    from wsnox.closure import Target

__all__ = ["run"]


def run(args: Namespace) -> int:
    """Write the closure that *args* ask for to the file that they name, or to stdout."""
    output = _output_path(args.output)
    chosen, closure = chosen_closure(args)
    # Relative paths only mean something between directories without links.
    root = chosen.locked.workspace.root.resolve().as_posix()
    text = pylock(
        closure,
        requires_python=chosen.locked.lock.requires_python,
        root=root,
        digests=local_digests(closure, root),
        base=root if output is None else output.parent.resolve().as_posix(),
        environments=(_marker(chosen.target),),
    )
    if output is not None:
        _write(output, text)
        size = counted(len(closure.packages), "distribution")
        terminal = Terminal(args)
        terminal.note(f"{output}: {chosen.text}, {size} for {target_text(chosen.target)}")
        print_others(chosen, terminal)
    if args.json:
        show({
            "session": chosen.title,
            "members": members_data(chosen.locked.workspace, chosen.members),
            "target": chosen.target,
            "file": None if output is None else output.as_posix(),
            "pylock": tomli.loads(text.decode()),
        })  # fmt: skip
    elif output is None:
        # TOML is UTF-8, whatever the terminal's encoding.
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
    return 0


_MARKERS = ("implementation_name", "platform_machine", "python_version", "sys_platform")


def _marker(target: Target) -> str:
    """Return the marker of the environments for which a closure on *target* is meant."""
    values = dict(target.values)
    return " and ".join(f"{name} == '{values[name]}'" for name in _MARKERS)


def _output_path(name: str | None) -> Path | None:
    if name is None:
        return None
    output = Path(name)
    if not is_valid_pylock_path(output):
        raise RequestError(
            f"`{name}` is not a name for a PEP 751 file", hint="name it `pylock.toml` or `pylock.NAME.toml`"
        )
    return output


def _write(output: Path, text: bytes) -> None:
    """Write *text* to *output* at once, so that a partial file never stands there."""
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        partial.write_bytes(text)
        partial.replace(output)
    except OSError as error:
        raise WsnoxError(f"`{output}` cannot be written ({error.strerror or error})") from error
    finally:
        partial.unlink(missing_ok=True)
