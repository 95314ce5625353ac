"""The operator's labels: https://cloud.google.com/compute/docs/labeling-resources."""

from __future__ import annotations

import re

from components.config import values
from components.config.errors import Refused
from components.config.section import Section

LABELS_LIMIT = 56
"""Google takes 64 a resource; the rest is for ours and the provider's."""

_LABEL_KEY = re.compile(r"[a-z][-_a-z0-9]{0,62}")
_LABEL_VALUE = re.compile(r"[-_a-z0-9]{0,63}")


def read_labels(section: Section) -> dict[str, str]:
    labels: dict[str, str] = {}
    for key in section.values:
        value = section.read(key, _label_value, "")
        if key.startswith(("goog", "ha-masters")):
            section.refuse(
                key,
                Refused("is reserved, by its key", "Choose one that begins with neither goog nor ha-masters"),
            )
        elif _LABEL_KEY.fullmatch(key) is None:
            section.refuse(
                key,
                Refused(
                    "has a key that Google Cloud doesn't take",
                    "Use lower-case letters, digits, hyphens and underscores, a letter first, 63 at most",
                ),
            )
        labels[key] = value
    if len(labels) > LABELS_LIMIT:
        last = list(labels)[LABELS_LIMIT]
        section.refuse(last, Refused(f"is one label of {len(labels)}", f"Keep {LABELS_LIMIT} or fewer"))
    return labels


def _label_value(value: object) -> str:
    given = "" if value == "" else values.text(value)
    if _LABEL_VALUE.fullmatch(given) is None:
        raise Refused(
            "is not a value that Google Cloud takes",
            "Use lower-case letters, digits, hyphens and underscores, 63 at most",
        )
    return given
