"""Partial replies: the `fields` parameter, as `items(name,zone),nextPageToken` or `a/b`."""

from __future__ import annotations

from typing import Any

Mask = dict[str, "Mask"]


def parse(text: str) -> Mask:
    mask, _ = _parse(text, 0)
    return mask


def _parse(text: str, i: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while i < len(text) and text[i] != ")":
        node, start = mask, i
        while True:
            while i < len(text) and text[i] not in ",/()":
                i += 1
            name = text[start:i].strip()
            leaf = node.setdefault(name, {})
            if i < len(text) and text[i] == "/":
                node, i = leaf, i + 1
                start = i
                continue
            break
        if i < len(text) and text[i] == "(":
            inner, i = _parse(text, i + 1)
            leaf.update(inner)
            i += 1
        if i < len(text) and text[i] == ",":
            i += 1
    return mask, i


def apply(mask: Mask, value: Any) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if isinstance(value, dict):
        return {k: apply(mask[k], v) for k, v in value.items() if k in mask}
    return value
