"""Reading one object of the config, key by key, without stopping at the first bad one."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from components.config import keys
from components.config.errors import MISSING, Problem, Refused
from components.config.setting import settings
from components.config.values import kind

T = TypeVar("T")


class Section:
    """One object of the config, and the problems found so far in the whole of it.

    A value that is refused is recorded and its default stands in for it, so that reading goes on; `ok` says
    whether a value is the operator's own or such a stand-in, which nothing may be concluded from.
    """

    def __init__(
        self, problems: list[Problem], path: str, raw: object, known: str | None, example: str = ""
    ) -> None:
        """`path` is the key with its namespace; `known` a section of `keys.KNOWN`, or None: any key goes."""
        self.problems = problems
        self.path = path
        self.known = known
        self._bad: set[str] = set()
        self._readable = True
        self.values = self._object(raw, example)
        if known is not None:
            for key in self.values:
                if key not in keys.KNOWN[known]:
                    self.refuse(key, Refused("is not a key of ours", keys.remedy(known, key)))

    def raw(self, key: str, default: object = None) -> object:
        """What stands at `key`. Every reader gets its value here, so none reads a key that `keys.KNOWN` lacks."""
        if self.known is not None and key not in keys.KNOWN[self.known]:
            raise LookupError(f"{self.key(key)} is read and is missing in keys.KNOWN[{self.known!r}]")
        return self.values.get(key, default)

    def read(self, key: str, reader: Callable[[object], T], default: T) -> T:
        """The value of `key`, or `default` where it isn't given or was refused."""
        value = self.raw(key)
        if key not in self.values:
            return default
        try:
            return reader(value)
        except Refused as refused:
            self.refuse(key, refused)
            return default

    def require(self, key: str, reader: Callable[[object], T], stand_in: T, remedy: str) -> T:
        """The value of `key`, which must be given; `remedy` says how to choose it."""
        if not self._readable:
            return stand_in
        if self.raw(key) in (None, ""):
            self.refuse(key, Refused("is empty" if key in self.values else "is missing", remedy))
            return stand_in
        return self.read(key, reader, stand_in)

    def fill(self, spec: type[T]) -> T:
        """A `spec` of which each field is a setting of this section."""
        return spec(
            **{name: self.read(each.key, each.reader, each.default) for name, each in settings(spec).items()}
        )

    def section(self, key: str, known: str | None, example: str = "") -> "Section":
        """The object at `key`; an empty one where it isn't given. `example` is the remedy where it isn't an object."""
        return Section(self.problems, self.key(key), self.raw(key, {}), known, example)

    def items(self, key: str, known: str, example: str) -> list["Section"]:
        """The objects in the list at `key`, of which `example` is one."""
        try:
            items = listed(self.raw(key, []), f"[{example}]")
        except Refused as refused:
            self.refuse(key, refused)
            return []
        return [
            Section(self.problems, f"{self.key(key)}[{i}]", item, known, f"Write {example}")
            for i, item in enumerate(items)
        ]

    def refuse(self, key: str, refused: Refused, value: object = None) -> None:
        """Record what is wrong with `key`; `value` is shown for what stands there, where that is too long."""
        self._bad.add(key)
        shown = self.values.get(key, MISSING) if value is None else value
        self.problems.append(Problem(self.key(key), shown, refused.wrong, refused.remedy))

    def ok(self, *names: str) -> bool:
        return self._bad.isdisjoint(names)

    def key(self, name: str) -> str:
        return f"{self.path}{name}" if self.path.endswith(":") else f"{self.path}.{name}"

    def _object(self, raw: object, example: str) -> Mapping[str, object]:
        value = decoded(raw)
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        wrong = "is empty" if value in (None, "") else f"is {kind(value)} where an object is wanted"
        self.problems.append(
            Problem(self.path, value, wrong, example or "Write its keys below it, or leave it out")
        )
        self._readable = False
        return {}


def listed(raw: object, example: str) -> list[object]:
    """A list; else `Refused`."""
    value = decoded(raw)
    if isinstance(value, list | tuple):
        return list(value)
    wrong = "is empty" if value in (None, "") else f"is {kind(value)} where a list is wanted"
    raise Refused(wrong, f"Write a list, such as {example}")


def decoded(raw: object) -> object:
    """What a text stands for: the engine hands objects and lists over as JSON."""
    if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(raw)
        except json.JSONDecodeError:
            return raw
    return raw
