"""Simulated cases with known truth, so that each stage of the tasks can be checked against it."""
