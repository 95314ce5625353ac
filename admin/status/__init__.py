"""How the cluster is now, at a glance: what a preview says of it, and a line for each master."""
