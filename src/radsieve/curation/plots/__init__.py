"""The figures of curation."""
