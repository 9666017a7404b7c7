"""Tests and the runs of notebooks keep nobody's progress, see nobody's, and say where they run."""

import atexit
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from threadpoolctl import threadpool_info

os.environ["ADAMEDU_DATA"] = ""
# Nor their settings: a kernel runs what it finds in IPython's folder, and warns if it can't write.
_home = TemporaryDirectory()
atexit.register(_home.cleanup)
for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
    os.environ[name] = str(Path(_home.name, name))
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
