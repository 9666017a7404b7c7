@right@
class Steps:
    def step(self, *given, **rates):
        return right(*given, **rates)


adam_step = Steps().step
