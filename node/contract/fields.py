"""Reads JSON objects: commands strictly, by `Fields`, reports leniently, by `Reported`.

A machine that half understands its desired state could remove the wrong member, so what a command's format doesn't know is
refused, with key, value and remedy. A report only informs, and masters of two releases must understand each other's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final, TypeVar

API_VERSION: Final = "ha-masters/v1"

T = TypeVar("T")

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_HEX = re.compile(r"[0-9a-f]{1,16}")


class FormatError(ValueError):
    """An object that must not be acted on. The message names the key, the value and the remedy."""


def encode(kind: str, fields: dict[str, Any]) -> str:
    """Returns one text for one meaning: keys sorted, no spaces, a newline at the end."""
    return canonical({"apiVersion": API_VERSION, "kind": kind, **fields}) + "\n"


def canonical(value: Any) -> str:
    """JSON, one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def decode(text: str | bytes, kind: str) -> Fields:
    """Returns the fields of a document of this kind, its `apiVersion` and `kind` already checked."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FormatError(f"{kind}: not JSON ({error}); write the object again with `pulumi up`") from None
    fields = Fields(kind, data)
    if (version := fields.take("apiVersion")) != API_VERSION:
        raise FormatError(
            f"{kind}.apiVersion is {version!r}; this release reads {API_VERSION!r} only: "
            "run the release of ha-masters that wrote the object, or upgrade this machine"
        )
    if (found := fields.take("kind")) != kind:
        raise FormatError(f"{kind}.kind is {found!r}; expected {kind!r}: another object lies at this path")
    return fields


def attribute(name: str, text: str | bytes) -> Fields:
    """Returns the fields of an attribute of a VM's metadata, of that name."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FormatError(f"{name}: not JSON ({error}); run `pulumi up` again") from None
    return Fields(name, data)


class Fields:
    """The fields of one JSON object, each taken once; `close` refuses what nobody took."""

    def __init__(self, where: str, data: object) -> None:
        if not isinstance(data, dict):
            raise FormatError(f"{where} is {data!r}; expected a JSON object")
        self._where = where
        self._data: dict[str, Any] = dict(data)

    def has(self, key: str) -> bool:
        return key in self._data

    def take(self, key: str) -> Any:
        if key not in self._data:
            raise FormatError(
                f"{self._where}.{key} is missing; add it, or let its writer write the object again"
            )
        return self._data.pop(key)

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str):
            raise FormatError(f"{self._where}.{key} is {value!r}; expected a string")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise FormatError(f"{self._where}.{key} is {value!r}; expected true or false")
        return value

    def number(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise FormatError(f"{self._where}.{key} is {value!r}; expected a whole number, zero or more")
        return value

    def items(self, key: str) -> list[Any]:
        value = self.take(key)
        if not isinstance(value, list):
            raise FormatError(f"{self._where}.{key} is {value!r}; expected a list")
        return value

    def objects(self, key: str) -> Iterator[Fields]:
        for index, item in enumerate(self.items(key)):
            yield Fields(f"{self._where}.{key}[{index}]", item)

    def object(self, key: str) -> Fields:
        return Fields(f"{self._where}.{key}", self.take(key))

    def rest(self) -> dict[str, Any]:
        """Returns what nobody took, for a reader that is lenient with it."""
        return dict(self._data)

    def close(self) -> None:
        if self._data:
            key, value = next(iter(self._data.items()))
            raise FormatError(
                f"{self._where}.{key} is unknown (value {value!r}); remove it, or upgrade this machine to "
                "the release that knows it"
            )


class Reported:
    """The fields of a report. One that is missing, or of another type than is asked for, is the type's empty value."""

    def __init__(self, data: object) -> None:
        self._data: dict[str, Any] = data if isinstance(data, dict) else {}

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str) -> str:
        value = self._data.get(key)
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        return self._data.get(key) is True

    def number(self, key: str) -> int:
        value = self._data.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0

    def numbers(self, key: str) -> tuple[int, ...]:
        """All of them or none: a list that is understood in part would say that something isn't in it."""
        found = tuple(
            each for each in self._list(key) if isinstance(each, int) and not isinstance(each, bool)
        )
        return found if len(found) == len(self._list(key)) else ()

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(each for each in self._list(key) if isinstance(each, str))

    def objects(self, key: str) -> list[Reported]:
        return [Reported(each) for each in self._list(key)]

    def part(self, key: str, read: Callable[[Reported], T]) -> T | None:
        """Returns what `read` makes of the object at this key; None where there is none, or where it isn't understood."""
        value = self._data.get(key)
        if not isinstance(value, dict):
            return None
        try:
            return read(Reported(value))
        except FormatError:
            return None

    def _list(self, key: str) -> list[Any]:
        value = self._data.get(key)
        return value if isinstance(value, list) else []


def check_name(key: str, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise FormatError(
            f"{key} is {value!r}; use lower-case letters, digits and dashes, a letter first, 63 at most"
        )


def check_hex(key: str, value: str) -> None:
    if not _HEX.fullmatch(value):
        raise FormatError(f"{key} is {value!r}; expected an id of etcd's: 1 to 16 lower-case hex digits")


def check_digits(key: str, value: str) -> None:
    if not (value.isascii() and value.isdigit()):
        raise FormatError(f"{key} is {value!r}; expected digits only")


def check_choice(key: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise FormatError(f"{key} is {value!r}; expected one of {', '.join(choices)}")


def check_address(key: str, value: str) -> None:
    try:
        address = IPv4Address(value)
    except AddressValueError:
        raise FormatError(f"{key} is {value!r}; expected the replica's internal IPv4 address") from None
    if address.is_unspecified or address.is_loopback or address.is_multicast:
        raise FormatError(
            f"{key} is {value!r}; other masters can't reach it: use the reserved internal address"
        )


def check_time(key: str, value: str) -> None:
    """RFC 3339 in UTC, as `2026-01-02T03:04:05Z`."""
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise FormatError(f"{key} is {value!r}; expected a time as 2026-01-02T03:04:05Z") from None


def check_distinct(key: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise FormatError(f"{key} is {value!r} more than once; give each replica its own")
