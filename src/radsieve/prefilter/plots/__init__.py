"""The figures of the prefilter."""
