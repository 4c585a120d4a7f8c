"""How far raters agree, and what they agree on."""
