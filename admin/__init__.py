"""The operator's commands beside `pulumi`, `python -m admin COMMAND`: they use components and are no part of them."""
