"""How Sphinx builds the site: everything that it shows comes from this repository, nothing from the network."""

from __future__ import annotations

import os
import re

from wsnox import __version__

project = "wsnox"
author = "the wsnox authors"
release = version = __version__
copyright = author  # noqa: A001 - the name is Sphinx's

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "sphinx_design"]
smartquotes = False  # options begin with two hyphens
suppress_warnings = ["myst.header"]
myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
myst_html_meta = {
    "description": "wsnox is a nox extension for uv workspaces (Python monorepos): one session per member, each with exactly "
    "the packages that uv.lock gives it, proven before its tests run.",
    "keywords": "nox, uv, workspace, monorepo, Python, testing, lockfile, undeclared dependencies, CI",
}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_display_short_literal_types = True
python_maximum_signature_line_length = 60
python_use_unqualified_type_names = True
nitpick_ignore_regex = [(r"py:.*", r"(?!wsnox\.).*"), (r"py:.*", r"wsnox\.(workspace|noxfile)\..*")]

copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = "$ "

html_theme = "furo"
html_title = f"wsnox {release}"
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = html_logo = "static/icon.svg"
html_theme_options: dict[str, object] = {}

# The project names no home yet: the site links the repository whose CI builds it, and nothing elsewhere.
if "GITHUB_REPOSITORY" in os.environ:
    home = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    branch = os.environ.get("GITHUB_REF_NAME", "main")
    html_theme_options = {
        "source_view_link": f"{home}/blob/{branch}/docs/{{filename}}",
        "source_edit_link": f"{home}/edit/{branch}/docs/{{filename}}",
        "top_of_page_buttons": ["view", "edit"],
        "footer_icons": [{"name": "Repository", "url": home, "html": "Repository", "class": ""}],
    }

_LABELLED = re.compile(r"^(`[^`\n]+`(?:, `[^`\n]+`)*(?:, [a-z ]+)?)\n\n```(\w+)\n", re.MULTILINE)


def setup(app):  # noqa: ANN001, ANN201, D103 - Sphinx calls it
    app.connect("source-read", _caption)
    app.connect("autodoc-process-docstring", _plain)


def _caption(_app, _page, source):  # noqa: ANN001, ANN202 - Sphinx calls it
    """Let the line that names the file of a block, which is how GitHub shows it, be the caption of the block."""
    source[0] = _LABELLED.sub(r"```{code-block} \2\n:caption: \1\n\n", source[0])


def _plain(_app, _what, _name, _object, _options, lines):  # noqa: ANN001, ANN202 - Sphinx calls it
    """Let a name in single backticks be code, as it is wherever else the docstring is shown."""
    lines[:] = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line) for line in lines]
