"""What a page says besides its figures: the data's origin, limits, how it was made, references, checklists."""
