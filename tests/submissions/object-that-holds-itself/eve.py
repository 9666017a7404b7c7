"""A list that holds itself."""

def adam_step(*given, **rates):
    answer = [1.0]
    answer += [answer, answer]
    return answer, answer, answer
