"""The untrusted side: what stands beside a submission in its process.

`bootstrap` starts it, `stub_package` is the package that it sees; the `zygote` forks a child per
submission, which puts the layers of its `lockdown` in force (`limits`, `landlock`, `seccomp`)
before the `runner` runs anything; `one_shot` does the same once, where nothing can be forked. It
never sees an optimizer, an expected value, a verdict or another submission.
"""
