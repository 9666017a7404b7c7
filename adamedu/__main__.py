"""``python -m adamedu``, for where the command is not on the path."""

from adamedu.cli import main

if __name__ == "__main__":
    main(prog_name="adamedu")
