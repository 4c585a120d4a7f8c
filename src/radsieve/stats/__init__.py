"""Statistics that no track owns: intervals, tests, areas under curves, distances of sets of points."""
