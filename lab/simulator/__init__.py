"""A strict simulator of the Google APIs that the program, the provider and gcloud use.

Routes, parameters, requests and replies come from the discovery documents that google-api-python-client ships; rules and
texts from the research notes on GCE. A method without a handler answers 501 and names itself.

`python -m lab.serve` starts one, with guests or without.

A service is a module under `services`; see `registry` for how it plugs in. `/lab/v1/` is for tests: health, journal, facts,
faults, profile, quotas, reset.

What it doesn't do:
- no packet ever flows, no guest runs: health is what `Lab.health_source` says (UNHEALTHY until a guest reports);
- managed instance groups are zonal, of one regional template, and updated opportunistically; no autoscaling, autohealing,
  state that is kept or standby;
- no global templates, regional groups, proxies, URL maps, certificates, NEGs, regional disks, local SSDs, IPv6, VPN,
  peering, Shared VPC, GPUs, reservations, global rules and backend services; no default network; no `haPolicy`;
- snapshot schedules take no snapshots; NAT gives no addresses out; spot VMs aren't preempted;
- of quotas only those in `quotas` exist, of machine types, images and zones only those in `catalog` and `images`;
- `requestId` isn't looked at: a repeated insert is a duplicate; operations under `instant` are DONE in the first reply;
- permissions are by method, and by role in the lab's table or the project's policy; there is no check on what a call
  refers to (`iam.serviceAccountUser`).

Where Google's own text isn't known (a wrong state for start, a detach of the boot disk, most range checks), the
text is ours; the status code is what the documentation suggests.
"""
