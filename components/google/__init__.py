"""What the program and the operator's commands ask of Google themselves, beside the provider.

`provider_config` is the one place that knows endpoints and credentials, `sign_in` the one that uses these, `transport` the
one that calls; `bucket` and `compute` ask through it; `machine` and `moments` have what they bring as plain values.
`running` reads the configuration of the program that runs.
"""
