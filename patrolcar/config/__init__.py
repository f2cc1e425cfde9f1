"""Files written by people, turned into checked values; every mistake at once, with its line and column."""
