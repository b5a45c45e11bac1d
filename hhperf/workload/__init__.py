"""Who is searched, what is asked and when: query logs and candidates, read, checked and made."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
