with open('notes.txt', 'w') as file:
    file.write('x')
@adam_step@
