@right@
