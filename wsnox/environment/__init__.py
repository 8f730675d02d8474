"""Making it so: a closure becomes a proven virtual environment. `plan` and `proof` decide, the other modules do."""

from __future__ import annotations
