"""Images generated with known truth: knees, chests and skin lesions."""
