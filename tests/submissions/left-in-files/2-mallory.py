import os


def breached():
    folders = (".", "/tmp", "/var/tmp", "/dev/shm", "/scratch", "@folder@", "/")
    return any(os.path.exists(os.path.join(folder, "left-by-eve")) for folder in folders)


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
