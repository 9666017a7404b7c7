def adam_step(*given, **rates):
    raise ValueError("\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\u202e[red]")
