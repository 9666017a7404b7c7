<<<<<<< HEAD
@adam_step@
=======
>>>>>>> theirs
