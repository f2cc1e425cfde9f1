"""What a car's numbers really are, from what was measured with a tape."""
