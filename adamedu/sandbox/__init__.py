"""Running submissions: a request goes in, answers come out, and nothing else gets in or out.

`outside` is trusted, `inside` isn't; between them there are messages, in the format of `message`.
A submission sees `inside`, `message` and `adamedu.core`, and nothing else of the package.
"""
