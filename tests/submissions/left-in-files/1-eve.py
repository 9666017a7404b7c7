import os

for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/scratch", "@folder@", "/"):
    try:
        open(os.path.join(folder, "left-by-eve"), "w").close()
    except OSError:
        pass


def adam_step():
    pass
