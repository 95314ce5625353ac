"""A pull request's comment from a preview: `preview_comment.py STACK EVENTS OUTPUT`, Markdown on standard output.

Short on top: the program's own plan and what it says is true now, a tally, what rules and errors say. Folded below: each
step, then the engine's output.
From the engine's event log, because `preview --json` leaves out a replacement's parts, such as a rule deleted before it is
created again.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

MOST = 65_000
"""Characters; GitHub refuses comments above 65,536."""

TALLIED = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "delete",
    "import": "import",
}
STEPS = {
    **{verb: verb for verb in ("create", "update", "delete", "import")},
    "delete-replaced": "delete, to be replaced",
    "create-replacement": "create anew",
}
LOOKED_AT = re.compile(r"^ ~ +\S+ \S+ refresh(ing)?\b.*\n", re.MULTILINE)
"""The engine's two lines for each resource that it reads before it compares; what differs stands below, as a step."""
SAID_ANYWAY = ("preview failed", "an unhandled error occurred")

Event = Mapping[str, Any]


def read(text: str) -> list[Event]:
    """The events of a log, one a line. A log that was cut off ends before the cut."""
    events: list[Event] = []
    for line in text.splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            break
    return events


def _of(events: Iterable[Event], kind: str) -> Iterator[Mapping[str, Any]]:
    return (event[kind] for event in events if kind in event)


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _told(events: Sequence[Event], severity: str) -> list[str]:
    """What program and engine said at this severity, without prefix."""
    return [
        each["message"].strip() for each in _of(events, "diagnosticEvent") if each.get("severity") == severity
    ]


def _operations(events: Sequence[Event]) -> list[Mapping[str, Any]]:
    return [each["metadata"] for each in _of(events, "resourcePreEvent")]


def tally(events: Sequence[Event]) -> str:
    counts = Counter(TALLIED[each["op"]] for each in _operations(events) if each["op"] in TALLIED)
    parts = [f"{counts[verb]} to {verb}" for verb in TALLIED.values() if counts[verb]]
    return f"**Resources:** {', '.join(parts) if parts else 'no changes'}."


def broken_rules(events: Sequence[Event]) -> list[str]:
    """One line a rule and resource, mandatory ones first."""
    said = sorted(_of(events, "policyEvent"), key=lambda each: each["enforcementLevel"] != "mandatory")
    lines = []
    for each in said:
        mark = "❌" if each["enforcementLevel"] == "mandatory" else "⚠️"
        _, _, message = each["message"].strip().partition("\n")
        lines.append(
            f"- {mark} `{each['policyName']}` ({each['enforcementLevel']}) on `{_name(each['resourceUrn'])}`: "
            f"{message or each['message'].strip()}"
        )
    return lines


def _errors(events: Sequence[Event]) -> list[str]:
    return [text for text in _told(events, "error") if not text.startswith(SAID_ANYWAY)]


def _fenced(text: str) -> list[str]:
    # A longer fence than any in the text, so that nothing in it can end it.
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", text.rstrip(), fence]


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]


def steps(events: Sequence[Event]) -> list[str]:
    """One line a step, in the engine's order."""
    return [
        f"{STEPS[each['op']]}: {_name(each['urn'])} ({_type(each['urn'])})"
        for each in _operations(events)
        if each["op"] in STEPS
    ]


def render(stack: str, events: Sequence[Event], output: str) -> str:
    top = [f"<!-- preview of {stack} -->", f"### Preview of `{stack}`", ""]
    for text in _told(events, "info"):
        top += [*_fenced(text), ""]
    for text in _told(events, "warning"):
        top += ["**Warning:**", *_fenced(text), ""]
    errors = _errors(events)
    for text in errors:
        top += ["**Error:**", *_fenced(text), ""]
    ended = not errors and any(_of(events, "summaryEvent"))
    top += [tally(events) if ended else "**The preview did not come to its end.**", ""]
    rules = broken_rules(events)
    top += [*rules, ""] if rules else []
    listed = steps(events)
    folded = _folded(f"{len(listed)} steps", _fenced("\n".join(listed))) if listed else []
    short = "\n".join([*top, *folded])
    output = LOOKED_AT.sub("", output)
    room = MOST - len(short)
    if len(output) > room - 300:
        output = f"{output[: max(room - 300, 0)]}\n… cut off: the workflow's log has all of it."
    whole = "\n".join([short, *_folded("What the engine printed", _fenced(output))])
    return (
        whole
        if len(whole) <= MOST
        else f"{short[: MOST - 100]}\n\n… cut off: the workflow's log has all of it.\n"
    )


def main(arguments: Sequence[str]) -> None:
    stack, events, output = arguments
    log = Path(events)
    sys.stdout.write(render(stack, read(log.read_text() if log.exists() else ""), Path(output).read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
