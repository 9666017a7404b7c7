"""What a learner meets: the catalogue of tasks, `check` and `hint`."""
