from __future__ import annotations

import wsnox

wsnox.sessions()
