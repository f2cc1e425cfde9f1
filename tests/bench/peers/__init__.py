"""Other simulators doing what ``rtf_plant`` does, as far as they can; each is a program of its own."""
