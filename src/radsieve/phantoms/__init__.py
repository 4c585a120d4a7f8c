"""Images simulated with known truth: knees, chests and skin lesions."""
