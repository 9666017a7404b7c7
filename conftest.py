"""Tests and the runs of notebooks keep nobody's progress and see nobody's."""

import os

os.environ["ADAMEDU_DATA"] = ""
