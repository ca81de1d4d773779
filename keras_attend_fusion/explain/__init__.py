"""What a model saw and heard: the evidence behind its scores."""

import inspect
import sys
import types

from keras_attend_fusion.explain.explain import explain as explain
from keras_attend_fusion.explain.explanation import Explanation as Explanation


class _CallableModule(types.ModuleType):
    """Makes `kaf.explain(…)` and `kaf.explain.Explanation` both work."""

    __call__ = staticmethod(explain)


sys.modules[__name__].__class__ = _CallableModule
__signature__ = inspect.signature(explain)  # for `help` and editors
