import sys

@right@
def adam_step(*given, **rates):
    print('step', *given)
    print('x' * 100_000, file=sys.stderr, flush=True)
    return right(*given, **rates)
