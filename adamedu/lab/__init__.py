"""The learner's own copy of the course, and JupyterLab opened on it."""
