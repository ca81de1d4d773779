"""Files that are written whole, and text and JSON as people write them."""

from keras_attend_fusion.files.archives import most_unpacked as most_unpacked
from keras_attend_fusion.files.archives import open_archive as open_archive
from keras_attend_fusion.files.archives import read_member as read_member
from keras_attend_fusion.files.cells import guard as guard
from keras_attend_fusion.files.cells import unguard as unguard
from keras_attend_fusion.files.cells import write_row as write_row
from keras_attend_fusion.files.json_files import parse_json as parse_json
from keras_attend_fusion.files.json_files import read_json as read_json
from keras_attend_fusion.files.json_files import write_json as write_json
from keras_attend_fusion.files.lock import InUseError as InUseError
from keras_attend_fusion.files.lock import LOCK as LOCK
from keras_attend_fusion.files.lock import locked as locked
from keras_attend_fusion.files.places import is_stream as is_stream
from keras_attend_fusion.files.printable import printable as printable
from keras_attend_fusion.files.text import decode as decode
from keras_attend_fusion.files.text import form as form
from keras_attend_fusion.files.text import read_text as read_text
from keras_attend_fusion.files.text import reading as reading
from keras_attend_fusion.files.text import writing as writing
from keras_attend_fusion.files.unfinished import (
    remove_unfinished as remove_unfinished,
)
from keras_attend_fusion.files.whole import beside as beside
from keras_attend_fusion.files.whole import bytes_of as bytes_of
