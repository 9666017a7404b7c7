@adam_step@
if __name__ == '__main__':
    print(adam_step(1.0, 1.0, 1, 0.0, 0.0))
