"""Run it in the program's folder after an interrupted update, then run `pulumi up` again."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from dataclasses import replace

from admin.adopt.google import Inventory
from admin.adopt.plan import Plan, import_file, plan, tidied, tied
from admin.adopt.provider_id import identify
from admin.adopt.versions import SECRET, unrecorded
from admin.engine import Engine, EngineError, State, provider
from components.google.provider_config import ProviderRefusedError
from components.google.transport import Google

INSTANCE = "gcp:compute/instance:Instance"
NEXT = "Now run `pulumi up` again."


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m admin adopt", description=__doc__)
    parser.add_argument("--stack", help="the stack; by default the one that is selected")
    parser.add_argument("--yes", action="store_true", help="adopt without asking")
    given = parser.parse_args(arguments)
    engine = Engine(given.stack)
    try:
        google = Inventory(Google(provider(engine.config())))
        state = engine.export()
        preview = engine.preview()
        found = plan(state, preview, google.find)
        found = replace(found, unread=_unread(state, preview["config"]["gcp:project"], found, google))
        print(describe(found))
        if found.empty:
            return 1 if found.orphans else 0
        if not (given.yes or _agreed()):
            return 1
        if found.unfinished or found.revived or found.gone:
            engine.restore(tidied(state, found))
        if look_again := [*found.revived, *found.gone, *found.changing]:
            engine.refresh(look_again)
        imports = import_file(found, importlib.metadata.version("pulumi-gcp"))
        if imports["resources"]:
            engine.adopt(imports)
            engine.restore(tied(engine.export(), found))
        for version in found.unread:
            google.destroy(version)
    except (EngineError, ProviderRefusedError) as error:
        print(error, file=sys.stderr)
        return 1
    print(NEXT)
    return 0


def describe(found: Plan) -> str:
    """Returns what was found, for people."""
    lines = []
    if found.unfinished:
        lines.append(
            f"The last update was cut off during {found.unfinished} operation(s); the state forgets them."
        )
    if found.ours:
        lines.append("These were made and not recorded; the stack takes them in:")
        lines += [f"  {orphan}" for orphan in found.ours]
    if found.gone:
        lines.append("These were deleted, and the state didn't learn of it; it forgets them:")
        lines += [f"  {urn.rsplit('::', 1)[-1]}" for urn in found.gone]
    if found.changing:
        lines.append("These were being changed; the state looks at them anew:")
        lines += [f"  {urn.rsplit('::', 1)[-1]}" for urn in found.changing]
    if found.unread:
        lines.append(
            "These versions of secrets were added and not recorded; nobody reads them, they are destroyed:"
        )
        lines += [f"  {version}" for version in found.unread]
    if others := [orphan for orphan in found.orphans if orphan.foreign]:
        lines.append(
            "These bear the names that the stack wants and are another cluster's, or older than the stack, so they are "
            "somebody else's:"
        )
        lines += [f"  {orphan}" for orphan in others]
        lines.append(
            "Choose other names (of the replica, or clusterName), or remove them if nobody needs them."
        )
    return "\n".join(lines or ["Nothing was made that the stack doesn't know of. `pulumi up` goes on."])


def _unread(state: State, project: str, found: Plan, google: Inventory) -> tuple[str, ...]:
    machines = [
        identify(INSTANCE, each.get("inputs") or {}, project)
        for each in state["deployment"].get("resources") or []
        if each["type"] == INSTANCE
    ]
    told = [google.metadata(machine) for machine in machines if machine]
    adopted = [orphan.id for orphan in found.ours if orphan.type == SECRET]
    return unrecorded(state, adopted, google.versions, [each["secret"] for each in told if "secret" in each])


def _agreed() -> bool:
    return input("Adopt? [y/N] ").strip().lower() in ("y", "yes")
