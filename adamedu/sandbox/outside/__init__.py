"""The trusted side: `sandbox` (start here) runs one submission after the other.

It does so in the children of a zygote (`zygote_client`) or in processes of their own
(`one_shot_client`). `visible_paths` and `bubblewrap` say what these are shown, `replies` reads what
they answer, `probe` tries out with `escapes` what holds, `levels` names it and `doctor` explains
it; `processes`, `uids` and `temp_folders` are about processes and what they leave.
"""
