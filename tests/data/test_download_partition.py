from __future__ import annotations

import pytest

from keras_attend_fusion.data.downloads.partition import (
    MIRRORS,
    PARTITIONS,
    check_shard,
    find_source,
    in_shard,
)


def test_addresses_of_a_mirror():
    source = find_source("2/video/train", "asia")
    assert source.plan == (
        "https://data.yt8m.org/2/download_plans/video_train.json"
    )
    assert source.folder == "http://asia.data.yt8m.org/2/video/train"


def test_addresses_of_segments():
    source = find_source("3/frame/validate")
    assert source.plan == (
        "https://data.yt8m.org/3/download_plans/frame_validate.json"
    )
    assert source.folder == "http://us.data.yt8m.org/3/frame/validate"


def test_a_server_takes_the_place_of_both_hosts():
    source = find_source("2/frame/test", "eu", "https://nas/yt8m/")
    assert source.plan == "https://nas/yt8m/2/download_plans/frame_test.json"
    assert source.folder == "https://nas/yt8m/2/frame/test"


@pytest.mark.parametrize(
    "partition", ["", "2/video", "3/frame/train", "3/video/test", "2/frame/x"]
)
def test_an_unknown_partition_names_those_there_are(partition):
    with pytest.raises(ValueError) as caught:
        find_source(partition)
    assert f"partition is {partition!r}" in str(caught.value)
    assert all(name in str(caught.value) for name in PARTITIONS)


def test_an_unknown_mirror_names_those_there_are():
    with pytest.raises(ValueError) as caught:
        find_source("2/video/train", "mars")
    assert "mirror is 'mars'" in str(caught.value)
    assert all(name in str(caught.value) for name in MIRRORS)


@pytest.mark.parametrize(
    "server",
    [
        "nas:8000",
        "ftp://nas",
        "http://",
        "http://[nas",
        "http://me:secret@nas",
        "http://nas/?a=b",
        "http://nas/#a",
    ],
)
def test_what_is_no_base_address(server):
    with pytest.raises(ValueError, match="server has to be a base") as caught:
        find_source("2/video/train", server=server)
    assert "secret" not in str(caught.value)


def test_fractions_by_the_sum_of_the_name():
    # RFC 1321: md5("a") ends in …61 and md5("abc") in …72, both hexadecimal.
    assert in_shard("a", (2, 16))
    assert in_shard("abc", (3, 16))
    assert in_shard("a", (0x61 + 1, 256))
    assert in_shard("abc", (0x72 + 1, 256))
    assert not in_shard("a", (1, 16))


def test_fractions_share_out_the_names():
    names = [f"train{i:02d}.tfrecord" for i in range(60)]
    parts = [{n for n in names if in_shard(n, (x, 7))} for x in range(1, 8)]
    assert sum(map(len, parts)) == 60
    assert set.union(*parts) == set(names)
    assert all(in_shard(name, (1, 1)) for name in names)


@pytest.mark.parametrize("shard", [(1, 1), (1, 100), (100, 100)])
def test_fractions_that_there_are(shard):
    check_shard(shard)


@pytest.mark.parametrize("shard", [(0, 1), (2, 1), (-1, 3), (0, 0)])
def test_fractions_that_there_are_not(shard):
    with pytest.raises(ValueError, match=f"shard is {shard[0]},{shard[1]}:"):
        check_shard(shard)
