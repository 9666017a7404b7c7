"""The file never gets to its end."""

while True:
    pass


@adam_step@
