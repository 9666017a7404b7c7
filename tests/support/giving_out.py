"""What the repository gives out, and a course whose editions a test publishes."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def kept_by_git(*folders):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def publish(root, name, content):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)
