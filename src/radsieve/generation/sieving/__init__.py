"""Methods of getting good images beyond filtering."""
