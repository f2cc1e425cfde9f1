"""Thousands of seeded missions, their results and what may be concluded from them."""
