"""Sensor models: each turns the truth into the wire integers that the controller's port would read."""
