"""`python -m lab.simulator --state DIR`."""

from lab.simulator.server import main

main()
