# -*- coding: latin-1 -*-
name = 'Zoë'
@adam_step@
