"""Tests and the runs of notebooks keep nobody's progress, see nobody's, and say where they run."""

import os

import numpy as np
from threadpoolctl import threadpool_info

os.environ["ADAMEDU_DATA"] = ""
# How a terminal shows things is said by the test that asks, not by whoever starts it.
for name in ("CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONIOENCODING"):
    os.environ.pop(name, None)


def pytest_report_header() -> list[str]:
    """Say what computes here: with other kernels and features a sum's last digits may differ."""
    kernels = [
        f"{one['internal_api']} {one['version']}, its kernel for {one.get('architecture', '?')}"
        for one in threadpool_info()
        if one["user_api"] == "blas"
    ]
    features: dict[str, list[str]] = np.show_config(mode="dicts")["SIMD Extensions"]
    found = [*features.get("baseline", ()), *features.get("found", ())]
    return [
        f"BLAS: {'; '.join(kernels) or 'unknown'}",
        f"SIMD: NumPy {np.__version__} uses {' '.join(found) or 'none'}",
    ]
