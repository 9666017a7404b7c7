"""Running submissions: `pool` is the trusted side, everything else is loaded on the untrusted one.

The untrusted side receives a submission's source and the calls to make, and returns data only. It
never sees an optimizer, an expected value or a verdict.
"""
