"""Judging answers: what is asked, what is expected, and what the report says. Trusted side."""
