def adam_step():
    pass

x = @repeat 100000 (@
