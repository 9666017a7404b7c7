def adam_step():
    pass

x = @repeat 200000 -@1
