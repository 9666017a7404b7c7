"""What an instructor does with the course around grading: release exercises."""
