"""What stands in the way of grading, and what its user can do about it."""

from __future__ import annotations

from adamedu.core.errors import LearnerError


class GradingError(LearnerError):
    """Grading that can't begin or go on; the message says why, in the user's terms."""
