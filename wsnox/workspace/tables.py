"""The only reader of raw TOML in manifests: typed getters that note each problem with its dotted path.

A getter never raises on a wrong type. It notes the problem and returns the value for an absent key, and `Table.close`
raises once for the whole file, so that a person sees every mistake of a file in one run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

import tomli

from wsnox.errors import ManifestError
from wsnox.files import read_regular
from wsnox.package_names import canonicalize_name, is_valid_name
from wsnox.text import near_miss, toml_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

__all__ = ["Table", "open_table", "plainly_meant"]

T = TypeVar("T")
Word = TypeVar("Word", bound=str)
_NO_WORDS: Mapping[str, str] = {}
_KINDS = {str: "a string", bool: "a boolean", int: "an integer", dict: "a table", list: "an array"}


def open_table(path: Path) -> Table:
    """Return the top table of the TOML file at *path*; raise `ManifestError` where it cannot be read or parsed."""
    try:
        content = read_regular(path)
        # uv passes over a byte order mark.
        text = content.decode("utf-8-sig")
        return Table(tomli.loads(text), path=path, content=content)
    except OSError as error:
        raise ManifestError(path, [f"cannot be read ({error.strerror or error})"]) from error
    except UnicodeDecodeError as error:
        raise ManifestError(path, [f"not UTF-8 (byte {error.start})"], hint="save it as UTF-8") from error
    except tomli.TOMLDecodeError as error:
        from wsnox.workspace.toml_problem import toml_problem  # noqa: PLC0415 - most files are TOML

        sentence, hint = toml_problem(error)
        raise ManifestError(path, [sentence], hint=hint) from error
    except ValueError as error:
        raise ManifestError(path, ["not TOML: an integer with too many digits"]) from error
    except RecursionError as error:
        raise ManifestError(path, ["not TOML: nested too deeply"]) from error


class Table:
    """One table of the file at *path*, with the dotted path *where* it is, and the file's shared list of *problems*.

    The top table has the *content* of the file.
    """

    __slots__ = ("_problems", "_raw", "content", "path", "where")

    def __init__(
        self,
        raw: dict[str, Any],
        *,
        path: Path,
        where: str = "",
        problems: list[str] | None = None,
        content: bytes = b"",
    ) -> None:
        self._raw, self.path, self.where, self.content = raw, path, where, content
        self._problems = [] if problems is None else problems

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    # Problems.

    def dotted(self, key: str) -> str:
        """Return the dotted path of *key* in this table."""
        return f"{self.where}.{key}" if self.where else key

    def problem(self, text: str, key: str = "", *, hint: str = "") -> None:
        """Note that something is wrong with *key*, or with the table itself; *text* says what, and *hint* how to go on."""
        where = self.dotted(key) if key else self.where
        self._problems.append(f"{text}{f' in `{where}`' if where else ''}{f' ({hint})' if hint else ''}")

    def known_keys(self, keys: Iterable[str], words: Mapping[str, str] = _NO_WORDS) -> None:
        """Note every key of this table that is not among *keys*, with the one that was meant.

        That is what *words* of other tools have it for, a key or a whole hint, and otherwise the nearest key.
        """
        keys = tuple(keys)
        for key in self._raw:
            if key not in keys:
                word = words.get(key.replace("_", "-"), "")
                guess = f"did you mean `{word}`?" if word in keys else word if " " in word else near_miss(key, keys)
                self._problems.append(f"unknown key `{self.dotted(key)}`{f' ({guess})' if guess else ''}")

    def close(self, *, hint: str = "") -> None:
        """Raise `ManifestError` with everything noted for this file, if anything was."""
        if self._problems:
            raise ManifestError(self.path, self._problems, hint=hint)

    def apart(self, problems: list[str]) -> Table:
        """Return this table with a list of *problems* of its own, to read it leniently."""
        return Table(self._raw, path=self.path, where=self.where, problems=problems)

    # One value. All getters return `None` for an absent key, or for a wrong value, which they note.

    def peek(self, key: str) -> object:
        """Return the value of *key* unread, for a caller that accepts several types."""
        return self._raw.get(key)

    def string(self, key: str) -> str | None:
        """Return the string at *key*."""
        return self._typed(self._raw.get(key), str, key)

    def boolean(self, key: str) -> bool | None:
        """Return the boolean at *key*."""
        return self._typed(self._raw.get(key), bool, key)

    def word(self, key: str, words: tuple[Word, ...]) -> Word | None:
        """Return the string at *key*, which must be one of *words*."""
        value = self._raw.get(key)
        for word in words:
            if value == word:
                return word
        if value is not None:
            alternatives = " or ".join(f'"{word}"' for word in words)
            self.problem(f"expected {alternatives}, got `{value}`", key)
        return None

    def table(self, key: str) -> Table:
        """Return the table at *key*, an empty one where absent."""
        raw: dict[str, Any] | None = self._typed(self._raw.get(key), dict, key)
        return Table(raw or {}, path=self.path, where=self.dotted(key), problems=self._problems)

    # Arrays. A wrong item is left out, and noted with its index.

    def array(self, key: str) -> list[Any] | None:
        """Return the array at *key* with its items unread."""
        return self._typed(self._raw.get(key), list, key)

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of the array at *key*, none where absent."""
        for index, item in enumerate(self.array(key) or ()):
            raw: dict[str, Any] | None = self._typed(item, dict, f"{key}[{index}]")
            if raw is not None:
                yield Table(raw, path=self.path, where=self.dotted(f"{key}[{index}]"), problems=self._problems)

    def items(self, key: str, read: Callable[[str, str], T | None]) -> tuple[T, ...] | None:
        """Return the array of strings at *key*, as *read* makes them of a string and the key that leads to it."""
        array = self.array(key)
        if array is None:
            return None
        items: list[T] = []
        for index, raw in enumerate(array):
            where = f"{key}[{index}]"
            text = self._typed(raw, str, where)
            item = None if text is None else read(text, where)
            if item is not None:
                items.append(item)
        return tuple(items)

    def strings(self, key: str, problem_of: Callable[[str], str] | None = None) -> tuple[str, ...] | None:
        """Return the array of strings at *key*; *problem_of* returns the problem of a string, empty if it has none."""

        def read(text: str, where: str) -> str:
            if problem_of and (problem := problem_of(text)):
                self.problem(problem, where)
            return text

        return self.items(key, read)

    def names(self, key: str) -> tuple[NormalizedName, ...] | None:
        """Return the array of package, extra or group names at *key*, normalised."""
        return self.items(key, self.normal)

    def names_or_all(self, key: str) -> tuple[NormalizedName, ...] | Literal["all"] | None:
        """Return the array of names at *key*, or the word ``all`` where the file says just that."""
        value = self._raw.get(key)
        if value == "all":
            return "all"
        if isinstance(value, str):
            self.problem(f'expected "all" or an array of strings, got "{value}"', key, hint=plainly_meant(value, list))
            return None
        return self.names(key)

    # Names.

    def normal(self, name: str, key: str) -> NormalizedName | None:
        """Return *name* normalised (PEP 503), or note at *key* that it is no valid name."""
        if is_valid_name(name):
            return canonicalize_name(name)
        self.problem(f"`{name}` is not a valid name", key)
        return None

    def normal_keys(self) -> Iterator[tuple[str, NormalizedName]]:
        """Yield each key as written with its normalised name; note names that are invalid or stand twice."""
        seen: dict[NormalizedName, str] = {}
        for key in self._raw:
            name = self.normal(key, key)
            if name is None:
                continue
            if name in seen:
                self.problem(f"`{seen[name]}` and `{key}` are one name after normalisation")
                continue
            seen[name] = key
            yield key, name

    def _typed(self, value: Any, kind: type[T], key: str) -> T | None:
        if value is None or type(value) is kind:
            return value
        got = _KINDS.get(type(value), f"a {type(value).__name__}")
        self.problem(f"expected {_KINDS[kind]}, got {got}", key, hint=plainly_meant(value, kind))
        return None


def plainly_meant(value: object, kind: type) -> str:
    """Return the hint to write *value* as the *kind* that was expected, empty if that is not plain."""
    if kind is list and isinstance(value, str) and value not in ("", "all"):
        return f"write `{toml_array([value])}`"
    if kind is str and type(value) in (bool, float, int):
        return "write it in quotes"
    if kind is str and isinstance(value, list) and value:
        return "write it without brackets"
    if kind is dict and isinstance(value, (list, str)):
        return "write it as keys and values"
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return f"write `{value.lower()}`, without quotes"
    return ""
