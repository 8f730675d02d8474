"""The pages of a site, and where they are."""

from __future__ import annotations

import titles

HOME = titles.slug("Home page")
