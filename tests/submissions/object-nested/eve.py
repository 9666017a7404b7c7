"""An answer nested a hundred thousand times."""

def adam_step(*given, **rates):
    answer = []
    for _ in range(100_000):
        answer = [answer]
    return answer, answer, answer
