@right@
adam_step = lambda *given, **rates: right(*given, **rates)
