# Zoë's work
@adam_step@
