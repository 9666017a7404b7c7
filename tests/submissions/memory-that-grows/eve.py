"""A list that doubles until nothing is left."""

def adam_step(*given, **rates):
    grown = [0]
    while True:
        grown += grown
