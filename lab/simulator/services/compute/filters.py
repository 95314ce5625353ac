"""The `filter`, `orderBy`, `maxResults` and `pageToken` of lists, as far as gcloud and the provider use them.

Known: `field op value` with `= != < > <= >= : eq ne`, AND, OR, NOT, parentheses, side by side as AND. `eq` and `ne`
match a regular expression on the whole value, `=` a literal in which `*` stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lab.simulator.errors import invalid
from lab.simulator.journal import relative

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(\(|\)|!=|<=|>=|=|<|>|:|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s()=<>!:]+(?::[^\s()=<>!]*)?)"
)
_OPERATORS = {"=", "!=", "<", ">", "<=", ">=", ":", "eq", "ne"}


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if not found:
                raise self.error()
            token = found.group(1)
            expects_value = bool(self.tokens) and self.tokens[-1] in _OPERATORS
            if ":" in token[1:] and not expects_value and token[0] not in "\"'":
                name, _, rest = token.partition(":")
                self.tokens += [name, ":"] + ([rest] if rest else [])
            else:
                self.tokens.append(token)
            position = found.end()
        self.at = 0

    def error(self) -> Exception:
        return invalid("filter", self.text, "Invalid list filter expression.")

    def peek(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> str:
        token = self.peek()
        if token is None:
            raise self.error()
        self.at += 1
        return token

    def either(self) -> Test:
        tests = [self.both()]
        while self.peek() == "OR":
            self.take()
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda item: any(t(item) for t in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.peek() not in (None, ")", "OR"):
            if self.peek() == "AND":
                self.take()
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda item: all(t(item) for t in tests)

    def one(self) -> Test:
        token = self.take()
        if token in ("NOT", "-"):
            inner = self.one()
            return lambda item: not inner(item)
        if token == "(":  # noqa: S105
            inner = self.either()
            if self.take() != ")":
                raise self.error()
            return inner
        operator = self.take()
        if operator not in _OPERATORS:
            raise self.error()
        return _comparison(token, operator, _unquote(self.take()), self)


def _unquote(token: str) -> str:
    if token[0] in "\"'" and token[-1] == token[0]:
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def _comparison(field: str, operator: str, wanted: str, parser: _Parser) -> Test:
    if operator in ("eq", "ne"):
        try:
            pattern = re.compile(wanted)
        except re.error as error:
            raise parser.error() from error
        return lambda item: any(pattern.fullmatch(v) for v in _values(item, field)) == (operator == "eq")
    if operator in ("=", "!="):
        glob = re.compile(".*".join(re.escape(p) for p in relative(wanted).split("*")), re.IGNORECASE)
        return lambda item: (
            any(glob.fullmatch(relative(v)) for v in _values(item, field)) == (operator == "=")
        )
    if operator == ":":
        if wanted == "*":
            return lambda item: bool(_values(item, field))
        word = wanted.strip("*").lower()
        return lambda item: any(word in v.lower() for v in _values(item, field))

    def ordered(item: dict[str, Any]) -> bool:
        for value in _values(item, field):
            try:
                left: Any = float(value)
                right: Any = float(wanted)
            except ValueError:
                left, right = value, wanted
            if {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]:
                return True
        return False

    return ordered


def _values(item: Any, field: str) -> list[str]:
    """Returns the values at a dotted name; a list gives all its items."""
    found = [item]
    for name in field.split("."):
        step: list[Any] = []
        for value in found:
            if isinstance(value, dict) and name in value:
                inner = value[name]
                step += inner if isinstance(inner, list) else [inner]
        found = step
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in found if not isinstance(v, dict)]


def compiled(text: str | None) -> Test:
    if not text or not text.strip():
        return lambda _item: True
    parser = _Parser(text)
    test = parser.either()
    if parser.peek() is not None:
        raise parser.error()
    return test


def page(items: list[dict[str, Any]], params: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """Returns the items filtered, ordered and cut, and the token of the next page."""
    test = compiled(params.get("filter"))
    chosen = [item for item in items if test(item)]
    if params.get("orderBy", "").strip() == "creationTimestamp desc":
        chosen.sort(key=lambda i: i.get("creationTimestamp") or i.get("insertTime", ""), reverse=True)
    token = params.get("pageToken", "")
    start = int(token) if token.isdigit() else 0
    size = params.get("maxResults", 500)
    following = str(start + size) if len(chosen) > start + size else None
    return chosen[start : start + size], following
