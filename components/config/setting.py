"""A key of the config, declared once: where it stands, how it is read, what it is by default, and the field that it fills.

Each section of the config is a frozen class of such fields, in the module that also checks what its keys can only be
together. `Section.fill` reads them. What is known below a section, and so what isn't, follows from the class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

T = TypeVar("T")
_SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. `reader` takes what stands there, or raises `Refused`; without one, the section's module reads the key.

    A key with a `remedy` must be given: it says how to choose, and `default` stands in until somebody has. `each` takes
    what stands there for a list, and reads its items one by one. Where objects stand at the key, `below` is their class; one
    object, or where `listed` a list of them. `example` is the remedy where something of another kind stands there.
    """

    key: str
    reader: Callable[[object], Any] | None = None
    default: Any = None
    remedy: str = ""
    each: bool = False
    below: type | None = None
    listed: bool = False
    example: str = ""
    called: str = ""
    """What stands in the place of the key where people are told of keys below it."""
    names_things: bool = False
    """Keys below name things and no settings: one of them that is met elsewhere isn't a setting that went astray."""


def setting(key: str, reader: Callable[[object], T], default: T) -> T:
    """Declares the field that `key` fills. To a type checker it is its default, as dataclasses' own `field` is."""
    declared: T = _declared(Setting(key, reader, default))
    return declared


def required(key: str, reader: Callable[[object], T], stand_in: T, remedy: str) -> T:
    """Declares one that must be given. `remedy` says how to choose it."""
    declared: T = _declared(Setting(key, reader, stand_in, remedy))
    return declared


def each(key: str, reader: Callable[[object], T], example: str) -> tuple[T, ...]:
    """Declares a list, empty by default, of which `reader` takes one item. An item may stand there once."""
    declared: tuple[T, ...] = _declared(Setting(key, reader, (), each=True, example=example))
    return declared


def section(key: str, spec: type[T]) -> T:
    """Declares a section below this one."""
    return field(default_factory=spec, metadata={_SETTING: Setting(key, below=spec)})


def sections(key: str, spec: type, example: str) -> Any:
    """Declares a list of sections, of which `example` is one. The section's module reads it."""
    return _declared(Setting(key, default=(), below=spec, listed=True, example=example))


def own(key: str, default: Any, below: type | None = None, **more: Any) -> Any:
    """Declares a key that the section's module reads by itself, for it depends on more than what stands there."""
    return _declared(Setting(key, default=default, below=below, **more))


def settings(spec: type) -> Mapping[str, Setting]:
    """Returns the settings of a class, by the fields that they fill. A field without one is for the program to fill."""
    return {each.name: each.metadata[_SETTING] for each in fields(spec) if _SETTING in each.metadata}


def keys_of(spec: type) -> tuple[str, ...]:
    return tuple(each.key for each in settings(spec).values())


def known_below(spec: type, home: str = "") -> Iterator[tuple[str, type, bool]]:
    """Yields every section by where it stands (`""`, `api`, `api.users[]`), its class, and whether its keys are settings."""
    for each in settings(spec).values():
        if each.below is not None:
            place = f"{home}.{each.called or each.key}".removeprefix(".") + "[]" * each.listed
            yield place, each.below, not each.names_things
            yield from known_below(each.below, place)


def _declared(declared: Setting) -> Any:
    return field(default_factory=lambda: declared.default, metadata={_SETTING: declared})
