"""IAM v1: service accounts, and the policies that other services hold."""

from lab.simulator.services.iam import accounts as accounts
