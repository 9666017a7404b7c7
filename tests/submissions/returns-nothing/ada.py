@right@
def adam_step(*given, **rates):
    right(*given, **rates)
