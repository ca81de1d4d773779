"""YouTube-8M records in, batches out; and shards written for trying out."""

try:
    import tensorflow as _tensorflow  # noqa: F401
except ImportError as error:
    raise ImportError(
        "keras_attend_fusion.data reads shards with TensorFlow, which is not "
        "installed: pip install tensorflow"
    ) from error

from keras_attend_fusion.data.count import count as count
from keras_attend_fusion.data.count_batches import (
    count_batches as count_batches,
)
from keras_attend_fusion.data.find_corrupt_record import (
    find_corrupt_record as find_corrupt_record,
)
from keras_attend_fusion.data.downloads.download import download as download
from keras_attend_fusion.data.downloads.errors import (
    DownloadError as DownloadError,
)
from keras_attend_fusion.data.downloads.report import (
    DownloadReport as DownloadReport,
)
from keras_attend_fusion.data.errors import (
    CorruptRecordError as CorruptRecordError,
)
from keras_attend_fusion.data.errors import NoShardsError as NoShardsError
from keras_attend_fusion.data.errors import (
    UnreadableShardError as UnreadableShardError,
)
from keras_attend_fusion.data.inspect import inspect as inspect
from keras_attend_fusion.data.inspect import ShardStats as ShardStats
from keras_attend_fusion.data.find_schema import find_schema as find_schema
from keras_attend_fusion.data.levels import resolve_schema as resolve_schema
from keras_attend_fusion.data.parse import FRAME_MULTIPLE as FRAME_MULTIPLE
from keras_attend_fusion.data.reader import load as load
from keras_attend_fusion.data.remote import RemoteError as RemoteError
from keras_attend_fusion.data.modality import Modality as Modality
from keras_attend_fusion.data.schema import AUDIOSET as AUDIOSET
from keras_attend_fusion.data.schema import FRAME as FRAME
from keras_attend_fusion.data.schema import Schema as Schema
from keras_attend_fusion.data.schema import VIDEO as VIDEO
from keras_attend_fusion.data.detect_level import detect_level as detect_level
from keras_attend_fusion.data.schema import read_schema as read_schema
from keras_attend_fusion.data.segments import count_segments as count_segments
from keras_attend_fusion.data.segments import load_segments as load_segments
from keras_attend_fusion.data.shard_set import ShardSet as ShardSet
from keras_attend_fusion.data.shards import list_shards as list_shards
from keras_attend_fusion.data.shards import iter_records as iter_records
from keras_attend_fusion.data.skipping import Skip as Skip
from keras_attend_fusion.data.skipping import SkipReport as SkipReport
from keras_attend_fusion.data.synthesize import (
    OutputExistsError as OutputExistsError,
)
from keras_attend_fusion.data.synthesize import synthesize as synthesize
from keras_attend_fusion.data.tables import read_table as read_table
from keras_attend_fusion.data.tables import Table as Table
from keras_attend_fusion.data.without_id import without_id as without_id
from keras_attend_fusion.data.write import write as write
from keras_attend_fusion.data.write_report import WriteReport as WriteReport
