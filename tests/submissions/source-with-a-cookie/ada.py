# -*- coding: zlib_codec -*-
@adam_step@
