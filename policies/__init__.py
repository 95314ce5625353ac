"""The policy pack: a rule is a decorated function (`rule`), one module a concern; `__main__` lists them."""
