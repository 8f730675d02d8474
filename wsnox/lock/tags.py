"""What the tags in the name of a wheel say (PyPA specifications, platform compatibility tags)."""

from __future__ import annotations

__all__ = ["concerns"]


def concerns(filename: str, minor: int) -> bool:
    """Tell whether Python 3.*minor* may take the file: its tags (PEP 425) name this version, any, or a stable ABI."""
    if not filename.endswith(".whl") or filename.count("-") < 4:
        return True
    pythons, abi = filename.split("-")[-3:-1]
    for tag in pythons.split("."):
        if not tag.startswith("cp3") or not tag[3:].isdigit():
            return True
        if int(tag[3:]) == minor or ("abi3" in abi and int(tag[3:]) <= minor):
            return True
    return False
