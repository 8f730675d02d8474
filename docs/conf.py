"""How Sphinx builds the site: everything that it shows comes from this repository, nothing from the network."""

from __future__ import annotations

import re

from wsnox import __version__

project = "wsnox"
author = "the wsnox authors"
release = version = __version__
copyright = author  # noqa: A001 - the name is Sphinx's

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["pictures"]
suppress_warnings = ["myst.header"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "separated"
nitpick_ignore_regex = [(r"py:.*", r"(?!wsnox).*")]

html_theme = "furo"
html_title = f"wsnox {release}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False


def setup(app):  # noqa: ANN001, ANN201, D103 - Sphinx calls it
    app.connect("autodoc-process-docstring", _plain)


def _plain(_app, _what, _name, _object, _options, lines):  # noqa: ANN001, ANN202 - Sphinx calls it
    """Let a name in single backticks be code, as it is wherever else the docstring is shown."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]
