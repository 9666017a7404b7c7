@wrong@
