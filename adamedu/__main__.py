"""``python -m adamedu``, for where the command is not on the path."""

from adamedu.cli import run

if __name__ == "__main__":
    run()
