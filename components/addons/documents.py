"""YAML as Kubernetes reads it, which is not as PyYAML does.

kubectl takes what looks like a time for a text and `22:22` for no number, makes texts of all keys, and refuses one that
stands twice: https://pkg.go.dev/sigs.k8s.io/yaml, whose decoder is go-yaml v2 (resolve.go, decode.go). PyYAML makes a date
and 1342 of those, and takes the last of two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

_NULL, _BOOL, _INT, _FLOAT, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "merge")
)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (PyYAML's own)


for _tag, _pattern, _first in (
    (_NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (
        _BOOL,
        r"[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
        list("yYnNtTfFoO"),
    ),
    (_INT, r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)", list("-+0123456789")),
    (_FLOAT, r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    (_MERGE, r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})$"), _first)


def _whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "").replace("0o", "0")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xb"
    return sign * int(digits, 8 if octal else 0)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise yaml.constructor.ConstructorError(
            None, None, f"the key {twice} stands there twice", node.start_mark
        )
    found = yaml.SafeLoader.construct_mapping(loader, node, deep=True)
    return {key if isinstance(key, str) else json.dumps(key): value for key, value in found.items()}


def _flag(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool:
    return str(loader.construct_scalar(node)).lower() in ("y", "yes", "true", "on")


def _no_json(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    raise yaml.constructor.ConstructorError(
        None,
        None,
        f"the tag {node.tag.replace('tag:yaml.org,2002:', '!!')} makes what JSON hasn't got",
        node.start_mark,
    )


for _name in ("binary", "timestamp", "set", "omap", "pairs"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _no_json)
_Loader.add_constructor(_BOOL, _flag)
_Loader.add_constructor(_INT, _whole)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def documents(text: str) -> Iterator[Any]:
    """Yields the documents of a file that aren't empty. Raises ValueError, which says where and what is wrong."""
    try:
        yield from (each for each in yaml.load_all(text, _Loader) if each is not None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"{error.problem}{at}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(" ".join(str(error).split())) from error
