"""The standard library's modules, of every Python that a session may run on."""

from __future__ import annotations

import sys

__all__ = ["STANDARD"]

_GONE = """
asynchat asyncore distutils imp smtpd
aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau
telnetlib uu xdrlib
_bootlocale binhex formatter macpath parser symbol
"""
"""Gone since 3.9, among them what PEP 594 and PEP 632 removed."""

_NEW = "annotationlib compression tomllib"

STANDARD = frozenset({*sys.stdlib_module_names, *_GONE.split(), *_NEW.split(), "__main__", "_typeshed"})
"""Top-level names; which Python has which is not told apart, as a version check guards what is new or gone."""
