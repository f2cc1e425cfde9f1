"""The world: walls and floor, what lies about, what moves, and who walks."""
