"""The figures of the track of tasks."""
