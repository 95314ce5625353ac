"""The VM's start-up script: fetches this code by its checksum, and runs it. The program puts it into the metadata."""

from __future__ import annotations

from typing import Final

STARTUP_SCRIPT: Final = r"""#!/bin/bash
# Runs at every boot. All that a master is stands in its metadata, its bucket and its secret.
set -uo pipefail
instance=${HA_MASTERS_METADATA:-http://metadata.google.internal}/computeMetadata/v1/instance
get() { curl -sSf --max-time 10 -H 'Metadata-Flavor: Google' "$instance/$1"; }
attribute() { get "attributes/$1" 2>/dev/null; }
target=/opt/ha-masters/node.pyz

has() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$sha256" ]; }
fetch() {
    sha256=$(attribute agent-sha256) && [ -n "$sha256" ] || return 1
    has "$target" && return 0
    storage=$(attribute storage-endpoint) || storage=https://storage.googleapis.com
    token=$(get service-accounts/default/token | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p') || return 1
    mkdir -p "${target%/*}"
    # The token goes through standard input: arguments can be read by anyone on the machine.
    printf 'header = "Authorization: Bearer %s"\n' "$token" | curl -sSf --max-time 120 --config - -o "$target.new" \
        "$storage/storage/v1/b/$(attribute bucket)/o/agent%2F$sha256.pyz?alt=media" || return 1
    has "$target.new" || { echo "ha-masters: what was fetched is not what was asked for" >&2; return 1; }
    mv "$target.new" "$target"
}
until fetch; do
    echo "ha-masters: the agent can't be fetched yet; trying again in 5 s" >&2
    sleep 5
done
exec python3 "$target" bootstrap
"""
