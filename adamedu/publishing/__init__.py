"""Plain web pages of the lessons: no kernel, no installation, no network."""
