from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data.check import (
    MismatchError,
    NoFramesError,
    check_record,
)
from keras_attend_fusion.data.plan import make_plan
from tests.data import records

VIDEO = make_plan(data.VIDEO, num_classes=10)
FRAME = make_plan(data.FRAME, num_classes=10)


def test_the_facts_of_a_video_level_record():
    facts = check_record(records.video("abcd", [3, 1]), VIDEO)
    assert (facts.id, facts.labels) == (b"abcd", (3, 1))
    assert facts.frames == {"rgb": 1, "audio": 1}
    audio = np.frombuffer(facts.vectors["audio"], np.float32)
    assert audio.tolist() == [0.25] * 128


def test_the_facts_of_a_frame_level_record():
    record = records.frames("abcd", [], rgb=2, audio=None, id_key="video_id")
    facts = check_record(record, FRAME)
    assert (facts.id, facts.labels) == (b"abcd", ())
    assert facts.frames == {"rgb": 2, "audio": 0}
    assert facts.vectors["rgb"] == bytes([1]) * 1024 + bytes([2]) * 1024


def test_no_frames_has_an_error_of_its_own():
    with pytest.raises(NoFramesError, match="the video has no frames"):
        check_record(records.frames(rgb=0, audio=None), FRAME)


def test_a_sound_record_of_other_shards_has_an_error_of_its_own():
    with pytest.raises(MismatchError, match="label 10, but num_classes is 10"):
        check_record(records.video(labels=[10]), VIDEO)
    with pytest.raises(MismatchError, match="a frame-level record, expected"):
        check_record(records.frames(), VIDEO)


def test_an_id_is_only_asked_for_where_it_is_delivered():
    record = records.video(absent=["id"])
    assert check_record(record, VIDEO).id == b""
    with pytest.raises(ValueError, match="no id, neither id nor video_id"):
        check_record(record, make_plan(data.VIDEO, with_id=True))


def test_diagnose_names_file_record_offset_and_reason(tmp_path):
    sound = records.write(tmp_path / "a", [records.video()])
    made = [records.video(), records.video(), records.video(labels=[50])]
    broken = records.write(tmp_path / "b", made)
    error = data.diagnose([sound, broken], num_classes=50)
    assert isinstance(error, data.CorruptRecordError)
    assert (error.path, error.index) == (str(broken), 2)
    assert error.offset == records.offsets(made)[2]
    assert str(error) == (
        f"{broken}: record 2 at byte {error.offset}: label 50, but "
        "num_classes is 50: it takes 51 or more"
    )
    assert isinstance(error.__cause__, MismatchError)
    assert data.diagnose([sound, broken], num_classes=51) is None


def test_diagnose_finds_broken_framing(tmp_path):
    path = records.write(tmp_path / "a", [records.video()] * 2)
    records.flip(path, 16 + len(records.video()) + 40)
    error = data.diagnose(path)
    assert error is not None
    assert "checksum" in error.reason


def test_diagnose_finds_an_empty_shard_and_garbage(tmp_path):
    (tmp_path / "a").touch()
    error = data.diagnose(tmp_path / "a")
    assert error is not None
    assert error.reason == "the file is empty"
    error = data.diagnose(records.write(tmp_path / "b", [b"garbage!"]))
    assert error is not None
    assert "8 bytes are no tf.train.Example" in error.reason
