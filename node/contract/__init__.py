"""The objects in the cluster's bucket through which Pulumi and the machines talk: canonical; commands strict, reports not.

| object                  | kind          | class           |
|-------------------------|---------------|-----------------|
| `desired/members.json`  | Members       | Members         |
| `desired/retained.json` | Retained      | Retained        |
| `desired/restore.json`  | Restore       | Restore         |
| `bootstrap.json`        | Bootstrap     | BootstrapMarker |
| `status/<identity>.json`| ReplicaStatus | ReplicaStatus   |

Every class has `to_json()`, one text for one value whatever the order it was given in, and `parse(text)`.
Values are checked in the constructors too, so what is refused can't be written either. The first three are
commands: `parse` raises `FormatError` for anything it doesn't know. A ReplicaStatus is a report, read by
masters and programs of other releases: see `node.contract.status`.

    {"apiVersion": "ha-masters/v1", "kind": "Members", "cluster": "dev",
     "members": [{"name": "m1-b", "address": "10.0.0.2", "zone": "europe-west1-b"}]}

    {"apiVersion": "ha-masters/v1", "kind": "Retained", "cluster": "dev", "members": ["m1-b"]}

    {"apiVersion": "ha-masters/v1", "kind": "Bootstrap", "cluster": "dev",
     "claimedBy": "m1-b", "instanceId": "4711", "clusterId": "1f, or empty until etcd has formed"}

A marker also says what is being restored, `"restoring": "<id of a Restore>"`, and what ever was, `"restored": [{"id": "…",
"clusterId": "1f", "at": "RFC 3339"}]`; where it is nothing, the fields aren't there.

    {"apiVersion": "ha-masters/v1", "kind": "ReplicaStatus", "cluster": "dev", "replica": "m1-b",
     "instanceId": "4711", "configHash": "…",
     "phase": "starting | joining | serving | leaving | gone | failed",
     "reason": "for people; always set when failed", "apiserverReady": true,
     "dataDirectory": {"state": "unknown | blank | member", "memberId": "2a", "clusterId": "1f"},
     "drained": false,
     "etcd": {"clusterId": "1f", "memberId": "2a", "leader": "m1-b", "revision": 12,
              "members": [{"name": "m1-b", "id": "2a", "role": "voter | learner",
                           "healthy": true, "started": true}]},
     "observed": {"membersGeneration": "17", "retainedGeneration": "18"},
     "database": {"sizeBytes": 25165824, "inUseBytes": 9437184, "quotaBytes": 2147483648, "alarms": ["NOSPACE"]},
     "certificates": {"first": "etcd-peer", "expires": "2027-01-02T03:04:05Z"},
     "backup": {"newest": "snapshots/…", "takenAt": "2026-01-02T03:04:05Z", "sizeBytes": 25165856,
                "revision": 12, "verifiedAt": "2026-01-02T03:04:06Z", "problem": "for people"}}

`etcd`, `database`, `certificates` and `backup` are null where the machine knows nothing of them; a generation
is empty while its object wasn't read. Of a status, only `cluster`, `replica` and `instanceId` must be there.
What is missing means "unknown", false or null, and fields that are unknown are ignored: a reader loses a
reason to act, and never gains one.
"""
