"""How a noxfile that cannot be used ends nox."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wsnox.errors import WsnoxError, sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["one_sentence"]


@contextmanager
def one_sentence() -> Iterator[None]:
    """End nox with the sentence of a `WsnoxError`: it has no way of its own to refuse a noxfile without a traceback.

    So does what the system refuses, which nobody foresaw: a folder that is gone, a disk that does not answer.
    """
    try:
        yield
    except WsnoxError as error:
        print(f"wsnox: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        print(f"wsnox: {sentence_of(error)}", file=sys.stderr)
        raise SystemExit(1) from None
