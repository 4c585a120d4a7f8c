"""What a table holds: columns, what is missing, duplicates, associations, and what mistakes of counting show."""
