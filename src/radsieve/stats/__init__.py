"""Statistics that all tracks share: intervals, tests, areas under curves, distances of sets of points."""
