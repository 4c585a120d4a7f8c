"""Rows of tables: packing them, and models that predict an outcome from their columns."""
