"""Single values: of which type, in which bounds. Each reader takes what stands in the config and returns it,
or raises `Refused`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from components.config import names
from components.config.errors import Refused

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_MACHINE_TYPE = re.compile(r"[a-z]\d?[a-z]*\d*[a-z]*-[a-z0-9]+(?:-[a-z0-9]+)*")
_IMAGE = re.compile(r"projects/[-a-z0-9.:]+/global/images/(?:family/)?[a-z](?:[-a-z0-9]*[a-z0-9])?")


def kind(value: object) -> str:
    """Names a value's type, for people."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list | tuple):
        return "a list"
    return "empty" if value is None else "an object"


def text(value: object) -> str:
    """Returns a text with something in it. Raises Refused, as every reader here does."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Refused("is empty", "Give it a value, or leave the key out")
    if not isinstance(value, str):
        remedy = "Write a text" if isinstance(value, list | dict) else "Put it in quotes"
        raise Refused(f"is {kind(value)} where a text is wanted", remedy)
    if value != value.strip():
        raise Refused("begins or ends with a space", "Remove it")
    return value


def label(value: object) -> str:
    """Returns a name of one label, as most of Google's are."""
    return names.label(text(value))


def switch(value: object) -> bool:
    """Returns the boolean of a key of its own, which Pulumi hands on as a text."""
    return value == "true" if value in ("true", "false") else boolean(value)


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        raise Refused("is a text where true or false is wanted", f"Write {value.lower()} without quotes")
    if value is None or value == "":
        raise Refused("is empty", "Write true or false, or leave the key out")
    raise Refused(f"is {kind(value)} where true or false is wanted", "Write true or false")


def whole(minimum: int, maximum: int, unit: str = "") -> Callable[[object], int]:
    """Returns a reader of whole numbers from `minimum` to `maximum`; `unit` is a word for refusals."""
    bounds = f"{minimum} to {maximum} {unit}".rstrip()

    def read(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
            raise Refused("is a text where a number is wanted", f"Write {value.strip()} without quotes")
        if value is None or value == "":
            raise Refused("is empty", "Give it a value, or leave the key out")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(f"is {kind(value)} where a number is wanted", f"Write one from {bounds}")
        if isinstance(value, float) and not value.is_integer():
            raise Refused("is not a whole number", f"Write one from {bounds}")
        if not minimum <= value <= maximum:
            raise Refused("is out of range", f"Choose from {bounds}")
        return int(value)

    return read


def one_of(*choices: str, why: str = "") -> Callable[[object], str]:
    def read(value: object) -> str:
        if text(value) not in choices:
            raise Refused("is not a choice", f"Choose {', '.join(choices)}" + (f": {why}" if why else ""))
        return str(value)

    return read


def duration(minimum: str, maximum: str, whole_days: bool = False) -> Callable[[object], int]:
    """Returns a reader of durations such as `90m`, `1h30m` or `7d`, which gives seconds."""
    low, high = seconds(minimum), seconds(maximum)

    def read(value: object) -> int:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise Refused("has no unit", f"Write a duration from {minimum} to {maximum}, such as {minimum}")
        length = seconds(text(value))
        if length == 0:
            raise Refused(
                "is not a duration", f"Write one from {minimum} to {maximum}, such as {minimum} or 1d12h"
            )
        if not low <= length <= high:
            raise Refused("is out of range", f"Choose from {minimum} to {maximum}")
        if whole_days and length % _UNITS["d"]:
            raise Refused("is not a number of whole days, as a bucket counts them", "Write 7d, for one")
        return length

    return read


def seconds(value: str) -> int:
    """Returns the length of a duration; 0 for what isn't one."""
    match = _DURATION.fullmatch(value)
    if match is None:
        return 0
    return sum(
        int(count) * unit for count, unit in zip(match.groups(), _UNITS.values(), strict=True) if count
    )


def machine_type(value: object) -> str:
    if _MACHINE_TYPE.fullmatch(text(value)) is None:
        raise Refused("is not a machine type", "Write its short name, such as e2-standard-2")
    return str(value)


def image(value: object) -> str:
    """Returns an image by its full name, or a family (the policy pack advises against it: it moves)."""
    if _IMAGE.fullmatch(text(value)) is None:
        raise Refused(
            "is not the full name of an image",
            "Write projects/<project>/global/images/<image>, as `gcloud compute images list --uri` shows it",
        )
    return str(value)
