"""What a learner meets: tasks, checks, hints, solutions, progress, and the course's own pages."""
