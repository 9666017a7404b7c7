@right@
async def adam_step(*given, **rates):
    return right(*given, **rates)
