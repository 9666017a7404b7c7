"""What the course is: its lessons, tasks, mistakes, claims and terms, with all their TOML."""
