"""A step function as mathematics: its lines in LaTeX, its equations unrolled."""
