@right@
def adam_step(*given, **rates):
    return list(right(*given, **rates))
