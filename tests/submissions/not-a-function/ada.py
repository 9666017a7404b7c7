adam_step = 42
