"""The wire (PCP/1) and the controller that speaks it."""
