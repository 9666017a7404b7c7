@adam_step@
