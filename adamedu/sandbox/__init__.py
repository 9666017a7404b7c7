"""Running submissions: a request goes in, answers come out, and nothing else gets in or out.

The trusted side: `pool` (start here) runs one submission after the other, in the children of a
`warm` process or in `fresh` ones; `view` and `bubblewrap` say what these are shown, `answers` reads
what they reply, `probing` finds out what holds, `levels` names it and `doctor` explains it;
`starting` and `folders` are about processes and what they leave.

The untrusted side: `boot` starts it, `stand_in` is the package that it sees; the `zygote` forks a
child per submission, which puts the layers of its `lockdown` in force (`limits`, `landlock`,
`seccomp`) before the `runner` runs anything. It never sees an optimizer, an expected value, a
verdict or another submission.
"""
