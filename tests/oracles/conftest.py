collect_ignore = ["record.py"]  # it imports PyTorch and optax, which the tests do without
