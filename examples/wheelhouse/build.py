"""Build the wheels that the examples lock against: tiny stand-ins, so that no lockfile here names a registry.

Run it after a change and commit what it writes: equal sources give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

HUMPS = '''"""Change the case of words: a stand-in for the real distribution, with the one function the examples use."""


def camelize(text):
    first, *rest = text.split("_")
    return first + "".join(word.title() for word in rest)
'''

TENSORS = '"""Stands for a library that is built once for each device."""\n\nDEVICE = "{device}"\n'

TITLES = '''"""Make titles of words: a library that has learnt to make addresses of them in version 2."""


def title(text):
    return text.title()
'''

SLUG = """

def slug(text):
    return text.lower().replace(" ", "-")
"""

WHEELS = {
    ("pyhumps", "3.8.0"): {"humps.py": HUMPS},
    ("titles", "1.0"): {"titles.py": TITLES},
    ("titles", "2.0"): {"titles.py": TITLES + SLUG},
    ("tensors", "1.0+cpu"): {"tensors.py": TENSORS.format(device="cpu")},
    ("tensors", "1.0+cuda"): {"tensors.py": TENSORS.format(device="cuda")},
}


def build(folder: Path, name: str, version: str, modules: dict[str, str]) -> Path:
    """Write the wheel of *name* and *version* with *modules* into *folder*, and return its path."""
    info = f"{name}-{version}.dist-info"
    files = {
        **modules,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: examples\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text)
    return wheel


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


if __name__ == "__main__":
    for (name, version), modules in WHEELS.items():
        build(Path(__file__).parent, name, version, modules)
