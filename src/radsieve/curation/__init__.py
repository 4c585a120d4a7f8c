"""From graded films to a clean, agreed-on data set."""
