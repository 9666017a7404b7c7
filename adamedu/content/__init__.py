"""What the course is: its tasks, lessons, mistakes, claims and terms, and the files that hold them."""
