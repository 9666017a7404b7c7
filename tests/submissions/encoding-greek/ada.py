@adam_step@
β1, β2, α = 0.9, 0.999, 1e-3
assert α < β1 < β2
