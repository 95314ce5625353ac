"""What the program and the operator's commands ask of Google themselves, beside the provider.

`transport` is the one place that knows endpoints, credentials and timeouts; `bucket` and `compute` ask through it;
`machine` and `moments` have what they bring as plain values.
"""
