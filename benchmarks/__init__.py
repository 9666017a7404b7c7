"""Measurements: ``python -m benchmarks.diagnosis`` and its neighbors print what they measured."""
