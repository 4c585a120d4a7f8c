"""Films drawn with known truth: knees, chests and skin lesions."""
