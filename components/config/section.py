"""Reading one object of the config, key by key, without stopping at the first bad one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from components.config import misspelt
from components.config.errors import MISSING, Problem, Refused
from components.config.setting import Setting, keys_of, known_below, settings
from components.config.values import kind

T = TypeVar("T")


class Section:
    """One object of the config, and the problems found so far in the whole of it.

    A value that is refused is recorded and its default stands in for it, so that reading goes on; `ok` says
    whether a value is the operator's own or such a stand-in, which nothing may be concluded from.
    """

    def __init__(
        self,
        problems: list[Problem],
        path: str,
        raw: object,
        spec: type | None,
        *,
        example: str = "",
        above: Section | None = None,
    ) -> None:
        """`path` is the key with its namespace. `spec` is the class that declares what is known here, or None: any key goes.
        `above` is the section that this one stands in; None for the outermost.
        """
        self.problems = problems
        self.path = path
        self.spec = spec
        self.settings: Mapping[str, tuple[str, ...]] = above.settings if above else _settings(spec)
        self._bad: set[str] = set()
        self._readable = True
        self.values = self._object(raw, example)
        if spec is not None:
            known = keys_of(spec)
            for key in [each for each in self.values if each not in known]:
                remedy = misspelt.remedy(key, known, self.settings, outermost=above is None)
                self.refuse(key, Refused("is not a key of ours", remedy))

    def fill(self, spec: type[T], **found: Any) -> T:
        """Returns a `spec`, which declares this section. `found` are fields that the caller reads, or fills itself; a
        function among them is called in the turn of its field, for problems are told in the order of the keys.
        """
        return spec(**self.taken(spec, **found))

    def taken(self, spec: type, **found: Any) -> dict[str, Any]:
        """Returns the fields of a `spec` that settings fill, and `found`."""
        taken = {}
        for name in settings(spec):
            value = found.pop(name) if name in found else partial(self.take, name)
            taken[name] = value() if callable(value) else value
        return taken | found

    def take(
        self, name: str, reader: Callable[[object], Any] | None = None, default: Any = None, remedy: str = ""
    ) -> Any:
        """Returns what fills the field `name`. `reader`, `default` and `remedy` stand for the declared ones where those
        depend on what else is asked for.
        """
        declared = self._setting(name)
        if declared.below is not None and not declared.listed:
            return self.within(name).fill(declared.below)
        reader = reader or declared.reader
        if reader is None:
            raise LookupError(f"{self.key(declared.key)} has no reader: its section reads it by itself")
        if declared.each:
            return self._each(declared, reader)
        default = declared.default if default is None else default
        if remedy := remedy or declared.remedy:
            return self.require(declared.key, reader, default, remedy)
        return self.read(declared.key, reader, default)

    def within(self, name: str, spec: type | None = None, example: str = "") -> Section:
        """Returns the section that fills the field `name`; an empty one where it isn't given. `spec` is its class where that
        depends on what stands there, and `example` the remedy where it isn't an object.
        """
        declared = self._setting(name)
        return Section(
            self.problems,
            self.key(declared.key),
            self.raw(declared.key, {}),
            spec or declared.below,
            example=example or declared.example,
            above=self,
        )

    def items(self, name: str) -> list[Section]:
        """Returns the sections in the list that fills the field `name`."""
        declared = self._setting(name)
        return [
            Section(
                self.problems,
                f"{self.key(declared.key)}[{i}]",
                item,
                declared.below,
                example=f"Write {declared.example}",
                above=self,
            )
            for i, item in enumerate(self._list(declared.key, f"[{declared.example}]"))
        ]

    def raw(self, key: str, default: object = None) -> object:
        """Returns what stands at `key`. Every reader gets its value here, so none reads a key that isn't declared."""
        if self.spec is not None and key not in keys_of(self.spec):
            raise LookupError(f"{self.key(key)} is read, and {self.spec.__name__} declares no such key")
        return self.values.get(key, default)

    def read(self, key: str, reader: Callable[[object], T], default: T) -> T:
        """Returns the value of `key`, or `default` where it isn't given or was refused."""
        value = self.raw(key)
        if key not in self.values:
            return default
        try:
            return reader(value)
        except Refused as refused:
            self.refuse(key, refused)
            return default

    def require(self, key: str, reader: Callable[[object], T], stand_in: T, remedy: str) -> T:
        """Returns the value of `key`, which must be given; `remedy` says how to choose it."""
        if not self._readable:
            return stand_in
        if self.raw(key) in (None, ""):
            self.refuse(key, Refused("is empty" if key in self.values else "is missing", remedy))
            return stand_in
        return self.read(key, reader, stand_in)

    def refuse(self, key: str, refused: Refused, value: object = None) -> None:
        """Records what is wrong with `key`. `value` is shown in the place of what stands there, where that is too long."""
        self._bad.add(key)
        shown = self.values.get(key, MISSING) if value is None else value
        self.problems.append(Problem(self.key(key), shown, refused.wrong, refused.remedy))

    def ok(self, *names: str) -> bool:
        return self._bad.isdisjoint(names)

    def key(self, name: str) -> str:
        return f"{self.path}{name}" if self.path.endswith(":") else f"{self.path}.{name}"

    def _setting(self, name: str) -> Setting:
        if self.spec is None:
            raise LookupError(f"{self.path} declares no keys")
        return settings(self.spec)[name]

    def _each(self, declared: Setting, reader: Callable[[object], Any]) -> tuple[Any, ...]:
        """Reads a list item by item: one that is refused doesn't hide the next."""
        found: list[Any] = []
        for i, value in enumerate(self._list(declared.key, declared.example)):
            try:
                item = reader(value)
                if item in found:
                    raise Refused("stands there twice", "Remove one")
                found.append(item)
            except Refused as refused:
                self.refuse(f"{declared.key}[{i}]", refused, value if value is not None else "")
        return tuple(found)

    def _list(self, key: str, example: str) -> list[object]:
        try:
            return listed(self.raw(key, []), example)
        except Refused as refused:
            self.refuse(key, refused)
            return []

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


def _settings(spec: type | None) -> Mapping[str, tuple[str, ...]]:
    """Returns the keys that are settings, by the place of their section."""
    if spec is None:
        return {}
    below = {place: keys_of(its) for place, its, are_settings in known_below(spec) if are_settings}
    return {"": keys_of(spec), **below}


def listed(raw: object, example: str) -> list[object]:
    """Returns the items of a list. Raises Refused where something else stands, with `example` as the remedy."""
    value = decoded(raw)
    if isinstance(value, list | tuple):
        return list(value)
    wrong = "is empty" if value in (None, "") else f"is {kind(value)} where a list is wanted"
    raise Refused(wrong, f"Write a list, such as {example}")


def decoded(raw: object) -> object:
    """Returns what a text stands for: the engine hands objects and lists over as JSON."""
    if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(raw)
        except json.JSONDecodeError:
            return raw
    return raw
