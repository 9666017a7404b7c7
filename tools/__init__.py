"""What keeping the course needs and its readers don't."""
