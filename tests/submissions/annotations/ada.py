from __future__ import annotations

@adam_step@
adam_step: Callable[[Vector], Unknown]
