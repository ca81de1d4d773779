from __future__ import annotations

import json

import pytest

from keras_attend_fusion.data.downloads.errors import PlanError
from keras_attend_fusion.data.downloads.plan import parse_plan

SUM = "0123456789abcdef0123456789abcdef"


def plan(files):
    return json.dumps({"files": files})


def test_sums_by_name_in_lower_case():
    files = {"trainzZ.tfrecord": SUM.upper(), "train-_.tfrecord": SUM}
    assert parse_plan(plan(files), "here") == {
        "trainzZ.tfrecord": SUM,
        "train-_.tfrecord": SUM,
    }


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/b",
        "a\\b",
        "..\\a",
        "C:a",
        "C:\\a",
        "a:stream",
        ".bashrc",
        "-rf",
        "a.",
        "a ",
        "a\nb",
        "a\n",
        "a\0b",
        "a.tfrecord.part",
    ],
)
def test_names_that_are_refused(name):
    files = {"good.tfrecord": SUM, name: SUM}
    with pytest.raises(PlanError, match="refused") as caught:
        parse_plan(plan(files), "here.json")
    assert str(caught.value).startswith(f"here.json names {name!r}: ")


@pytest.mark.parametrize(
    "md5", ["", SUM[:-1], SUM + "0", SUM + "\n", "g" * 32, None, 7, [SUM]]
)
def test_sums_that_are_refused(md5):
    with pytest.raises(PlanError, match="expected 32 hex digits") as caught:
        parse_plan(plan({"a.tfrecord": md5}), "here.json")
    assert f"{md5!r} for a.tfrecord" in str(caught.value)


@pytest.mark.parametrize("text", ["", "<html>", b"\xff", "[" * 100_000])
def test_what_is_no_json(text):
    with pytest.raises(PlanError, match="here is not JSON"):
        parse_plan(text, "here")


@pytest.mark.parametrize("text", ["[]", "3", "{}", '{"files": ["a"]}'])
def test_what_is_no_plan(text):
    with pytest.raises(
        PlanError, match="here is not a download plan: expected"
    ):
        parse_plan(text, "here")
