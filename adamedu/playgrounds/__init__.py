"""Playgrounds: the course's mathematics in the browser, moving, with or without a kernel."""
