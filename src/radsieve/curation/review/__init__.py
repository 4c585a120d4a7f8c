"""Cases that the rules cannot decide: a page that asks readers, and what their answers change."""
