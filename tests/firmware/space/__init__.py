"""Every state of the real controller that its events can reach, and the laws that hold in all of them."""
