"""Where the records of a shard lie that can be used."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_attend_fusion.data.direct.batch_sampler import record_places
from keras_attend_fusion.data.direct.batches import Reader
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.framing import HEADER_BYTES
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.sharing import RecordRange
from keras_attend_fusion.data.skipping import SkipReport, valid_pieces

AT_ONCE = 64  # records


def valid_places(path: str, plan: Plan, report: SkipReport) -> np.ndarray:
    """Where each sound record starts and ends, int64, `(records, 2)`.

    A shard is read as if all were well, and looked through record by record
    only if it is not. What is broken is noted in the report.
    """
    try:
        places = record_places(path)
        reader = Reader([RecordRange(path)], plan)
        wanted = np.insert(places, 0, 0, axis=1)
        for first in range(0, len(wanted), AT_ONCE):
            reader.read(wanted[first : first + AT_ONCE])
        if len(places):  # that there is none is worth a note
            return places
    except (CorruptRecordError, tf.errors.OpError):
        pass
    spans = [
        (offset + HEADER_BYTES, offset + HEADER_BYTES + len(record))
        for piece in valid_pieces(path, plan, report)
        for offset, record in piece
    ]
    return np.array(spans, np.int64).reshape(-1, 2)
