"""The policy pack: rules are functions over resources, one module a concern; `__main__` lists them."""
