"""A key of the config, declared once: where it stands, how it is read, what it is by default, and the field that it fills.

A section whose keys don't look at each other is a frozen class of such fields: `Section.fill` reads it, and `keys.KNOWN`
takes its keys from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

T = TypeVar("T")
_SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """`reader` takes what stands in the config, or raises `Refused`."""

    key: str
    reader: Callable[[object], Any]
    default: Any


def setting(key: str, reader: Callable[[object], T], default: T) -> T:
    """Declares the field that `key` fills. To a type checker it is its default, as dataclasses' own `field` is."""
    return field(default=default, metadata={_SETTING: Setting(key, reader, default)})


def settings(spec: type) -> Mapping[str, Setting]:
    """Returns the settings of a class, by the fields that they fill."""
    return {each.name: each.metadata[_SETTING] for each in fields(spec)}


def keys_of(spec: type) -> tuple[str, ...]:
    return tuple(each.key for each in settings(spec).values())
