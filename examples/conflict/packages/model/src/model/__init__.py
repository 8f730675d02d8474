"""Says where it runs."""

from __future__ import annotations

import tensors


def device():
    return tensors.DEVICE
