"""Usage: what is asked for wrongly, and the command in a shell."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest

import attend_fusion
from keras_attend_fusion import data, models
from keras_attend_fusion.cli import main as cli
from tests.cli import runs

TRAIN = ["train", "--train=nope", "--validate=nope", "--out=never"]
EVALUATE = ["evaluate", "--model=nope", "--data=nope"]
PREDICT = ["predict", "--model=nope", "--data=nope", "--out=never.csv"]
FILE = ["evaluate", "--predictions=nope", "--data=nope"]
EXPLAIN = ["explain", "--model=nope", "--data=nope", "--out=never.html"]
EXPORT = ["export", "--model=nope", "--out=never"]
INSPECT = ["inspect", "nope"]
SYNTHESIZE = ["synthesize", "never"]


def written_to(words, out):
    """The words with another --out."""
    return [*words[:-1], f"--out={out}"]


USAGE = [
    (["train"], "missing --train, --validate, --out"),
    (["evaluate", "--data=x"], "missing --model, or --predictions"),
    (["evaluate", "--model=x"], "missing --data"),
    (["evaluate", "--predictions=x"], "missing --data"),
    (["predict", "--model=x"], "missing --data, --out"),
    (["export"], "missing --model"),
    (["inspect"], "expected at least one SHARD"),
    (["synthesize"], "expected one folder OUT, got none"),
    ([*SYNTHESIZE, "two"], "expected one folder OUT, got ["),
    ([*TRAIN, "extra"], "unexpected 'extra': quote a glob"),
    ([*TRAIN, "--foo"], "Unknown command line flag 'foo'"),
    ([*TRAIN, "--epoch=3"], "Unknown command line flag 'epoch'"),
    ([*TRAIN, "--epochs=0"], "--epochs=0: 0 is not"),
    ([*TRAIN, "--epochs=x"], "--epochs=x: invalid literal"),
    ([*TRAIN, "--batch-size=0"], "--batch-size=0: 0 is not"),
    ([*TRAIN, "--num-classes=0"], "--num-classes=0: 0 is not"),
    ([*TRAIN, "--seed=-1"], "--seed=-1: -1 is not"),
    ([*TRAIN, "--seed=4294967296"], "--seed=4294967296: 4294967296 is not"),
    ([*TRAIN, "--learning-rate=0"], "--learning-rate is 0.0: pass a number"),
    ([*TRAIN, "--learning-rate=-1"], "--learning-rate is -1.0: pass"),
    ([*TRAIN, "--learning-rate=nan"], "--learning-rate is nan: pass"),
    ([*TRAIN, "--learning-rate=inf"], "--learning-rate is inf: pass"),
    ([*TRAIN, "--learning-rate=x"], "--learning-rate=x: could not convert"),
    ([*TRAIN, "--on-corrupt=x"], "should be one of <error|skip>"),
    ([*TRAIN, "--dtype-policy=x"], "<auto|float32|mixed_bfloat16|mixed_f"),
    ([*TRAIN, "--model=x"], ", ".join(models.names())),
    (
        [*TRAIN, "--preset=x"],
        "--preset is 'x': attend_fusion comes as base, small, mobile",
    ),
    ([*EVALUATE, "--threshold=1.5"], "--threshold is 1.5: pass one from 0"),
    ([*EVALUATE, "--threshold=-0.1"], "--threshold is -0.1: pass one from 0"),
    ([*EVALUATE, "--threshold=nan"], "--threshold is nan: pass one from 0"),
    ([*EVALUATE, "--threshold=x"], "--threshold=x: could not convert"),
    ([*EVALUATE, "--batch-size=-2"], "--batch-size=-2: -2 is not"),
    ([*EVALUATE, "--predictions=x"], "--model and --predictions: pass one"),
    ([*EVALUATE, "--num-classes=9"], "--num-classes goes with --predictions"),
    ([*EVALUATE, "--ranking=x"], "should be one of <all|top_20>"),
    ([*EVALUATE, "--empty-classes=x"], "should be one of <drop|zero>"),
    ([*EVALUATE, "--plot-format=x"], "should be one of <png|pdf|svg>"),
    ([*EVALUATE, "--per-class=a"], "--per-class is a: it has to end in .csv"),
    ([*FILE, "--ranking=all"], "--ranking=all needs every score: it goes"),
    ([*FILE, "--num-classes=0"], "--num-classes=0: 0 is not"),
    (
        ["benchmark"],
        "of benchmark (input, train, inference, metrics), got none",
    ),
    (
        ["benchmark", "x"],
        "of benchmark (input, train, inference, metrics), got x",
    ),
    (
        ["benchmark", "metrics", "y"],
        "inference, metrics), got metrics y",
    ),
    (["benchmark", "metrics", "--videos=0"], "--videos=0: 0 is not"),
    ([*PREDICT, "--top-k=0"], "--top-k=0: 0 is not"),
    ([*PREDICT, "--top-k=x"], "--top-k=x: invalid literal"),
    (written_to(PREDICT, "a.txt"), "--out is a.txt: it has to end in .csv or"),
    (written_to(PREDICT, "a.gz"), "--out is a.gz: it has to end in .csv or"),
    (written_to(PREDICT, "a.txt.gz"), "--out is a.txt.gz: it has to end in"),
    ([*PREDICT, "--top-segments=9"], "--top-segments goes with --segments"),
    ([*PREDICT, "--segment-classes=x"], "--segment-classes goes with --seg"),
    ([*PREDICT, "--segments", "--top-segments=0"], "--top-segments=0: 0 is"),
    ([*PREDICT, "--segments", "--top-k=3"], "--top-k is for videos: pass"),
    (
        [*written_to(PREDICT, "a.jsonl.gz"), "--segments"],
        "--out is a.jsonl.gz: segments are written as .csv or .csv.gz",
    ),
    (["explain", "--model=x"], "missing --data, --out"),
    ([*EXPLAIN, "--top-k=0"], "--top-k=0: 0 is not"),
    (
        written_to(EXPLAIN, "a.txt"),
        "--out is a.txt: it has to end in .html, .pn",
    ),
    ([*EXPORT, "--formats=x"], "--formats is 'x': pass some of saved_model"),
    ([*EXPORT, "--formats="], "--formats is '': pass some of saved_model"),
    ([*EXPORT, "--quantize=none,x"], "pass some of none, float16, dynamic"),
    ([*INSPECT, "--num-classes=0"], "--num-classes=0: 0 is not"),
    ([*SYNTHESIZE, "--level=x"], "should be one of <video|frame|segment>"),
    ([*SYNTHESIZE, "--classes=3"], "--classes=3: 3 is not"),
    ([*SYNTHESIZE, "--videos=0"], "--videos=0: 0 is not"),
    ([*SYNTHESIZE, "--seed=-1"], "--seed=-1: -1 is not"),
]


@pytest.mark.parametrize(("arguments", "expected"), USAGE)
def test_wrong_usage(fails, tmp_path, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    line = fails(*arguments, status=2)
    assert expected in line
    assert line.endswith(f"(see attend-fusion {arguments[0]} --help)")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([*EVALUATE, "--model=b"], "--model is given as nope and as b: pass"),
        ([*INSPECT, "--json=a", "--json", "b"], "--json is given as a and as"),
        (
            [*TRAIN, "--on-corrupt=skip", "--on-corrupt=skip"],
            "--on-corrupt is given as skip and as skip: pass one",
        ),
        ([*TRAIN, "--epochs=1", "--epochs=2"], "--epochs is given as 1 and as"),
        ([*TRAIN, "--resume", "--noresume"], "--resume is given as True and"),
    ],
)
def test_a_flag_that_comes_twice(capsys, arguments, expected):
    assert cli.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"attend-fusion {arguments[0]}: {expected}")
    assert line.endswith(f"(see attend-fusion {arguments[0]} --help)")


def test_more_shards_than_videos(fails, tmp_path):
    out = tmp_path / "out"
    line = fails("synthesize", out, "--videos=2", "--shards=3")
    assert "shards has to be from 1 to the number of videos, 2, got 3" in line
    assert not out.exists()


def test_synthesize_writes_over_nothing(fails, tmp_path):
    (tmp_path / "precious").touch()
    line = fails("synthesize", tmp_path)
    assert f"{tmp_path} exists and is not an empty folder" in line


def test_inspecting_nothing(fails, tmp_path):
    assert "matches no file" in fails("inspect", tmp_path / "nope-*")


def test_an_unknown_subcommand_lists_those_there_are(capsys):
    assert cli.main(["trian"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("attend-fusion: no subcommand 'trian': ")
    assert all(name in line for name in cli.SUBCOMMANDS)


def test_no_subcommand_prints_the_overview(capsys):
    assert cli.main([]) == 2
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(out.count(f"\n  {name} ") == 2 for name in cli.SUBCOMMANDS)


@pytest.mark.parametrize("name", cli.SUBCOMMANDS)
def test_help_lists_the_flags(command, name):
    answer = command(name, "--help")
    assert answer.status == 0
    assert answer.error == ""
    assert answer.out.startswith(f"usage: attend-fusion {name} ")
    flags = {
        "download": ["partition", "mirror", "shard", "out", "server", "json"],
        "synthesize": ["level", "videos", "shards", "classes", "seed"],
        "pack": ["out", "labels", "id", "level", "shards", "validate"],
        "inspect": ["json"],
        "compare": ["out", "json"],
        "train": [
            *("train", "validate", "out", "model", "preset", "epochs"),
            *("batch-size", "learning-rate", "dtype-policy", "num-classes"),
            *("seed", "resume", "on-corrupt", "config", "weight-decay"),
        ],
        "evaluate": [
            *("model", "data", "json", "threshold", "batch-size"),
            *("predictions", "per-class", "vocabulary", "plots"),
            *("plot-format", "ranking", "empty-classes", "num-classes"),
        ],
        "benchmark": ["data", "level", "model", "preset", "videos", "json"],
        "predict": [
            *("model", "data", "out", "top-k", "vocabulary", "segments"),
            *("top-segments", "segment-classes", "on-corrupt"),
        ],
        "report": ["out", "data", "vocabulary", "baselines", "export"],
        "explain": ["model", "data", "id", "out", "vocabulary", "top-k"],
        "export": ["model", "out", "formats", "quantize", "data", "vocabulary"],
        "tune": [
            *("train", "validate", "out", "tuner", "max-trials", "objective"),
            *("max-parameters", "presets", "epochs", "seed"),
        ],
    }
    for flag in flags[name]:
        assert f"\n  --{flag}\n" in answer.out


def test_a_fault_of_ours_is_not_hidden(monkeypatch):
    def broken(*arguments):
        raise RuntimeError("a bug")

    monkeypatch.setattr("keras_attend_fusion.cli.inspect.main", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main(["inspect", "x"])


def test_ctrl_c_while_libraries_load_is_one_line(monkeypatch, capsys):
    class Interrupted:
        def find_spec(self, name, path=None, target=None):
            if name == "keras_attend_fusion.cli.main":
                raise KeyboardInterrupt

    # The submodule is an attribute of its package, too.
    monkeypatch.delitem(sys.modules, "keras_attend_fusion.cli.main")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as left:
        attend_fusion.run()
    assert left.value.code == 130
    assert capsys.readouterr().err == "attend-fusion: interrupted\n"


def test_a_home_folder(monkeypatch, fails, tmp_path):
    """A shell leaves the `~` of `--out=~/run` as it is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").touch()
    for words in (
        ["synthesize", "~/out"],
        ["train", "--train=x", "--validate=x", "--out=~/out"],
    ):
        assert f"{tmp_path}/out exists and is not" in fails(*words)


def test_a_stream_that_takes_ascii_alone(tmp_path):
    status, out, error = runs.shell(
        *("synthesize", str(tmp_path / "é…"), "--videos=8"),
        variables={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert (status, error) == (0, "")
    assert "\\xe9\\u2026" in out


@pytest.mark.parametrize("closed", ["1", "2", "0 1 2"])
def test_streams_that_are_closed(tmp_path, closed):
    """What is written goes nowhere, and not into another file."""
    out = tmp_path / "out"

    def close():
        for number in closed.split():
            os.close(int(number))

    process = runs.spawn(
        *("synthesize", str(out), "--videos=8", "--level=video"),
        preexec_fn=close,
    )
    assert process.communicate(timeout=900)[1] == ""
    assert process.returncode == 0
    assert {path.suffix for path in out.iterdir()} == {".json", ".tfrecord"}
    for path in out.glob("*.tfrecord"):
        list(data.iter_records(path))  # its checksums are right
    assert data.count(f"{out}/train-*") == 8


def test_errors_in_a_shell(tmp_path):
    missing = tmp_path / "nope-*"
    status, out, error = runs.shell("inspect", str(missing))
    assert (status, out) == (1, "")
    assert error == (
        f"attend-fusion inspect: No shards: {missing} matches no file; check "
        "the path, and quote a glob in a shell.\n"
    )


def without(backend):
    """Skips a test where a backend is not installed."""
    found = importlib.util.find_spec(backend)
    return pytest.mark.skipif(found is None, reason=f"{backend} is missing")


@pytest.mark.parametrize("backend", [pytest.param("jax", marks=without("jax"))])
def test_training_in_a_shell(video, tmp_path, backend):
    """Libraries' notices stay off standard error."""
    flags = runs.train_flags(
        video.shards, tmp_path / "run", *runs.QUICK, "--epochs=1"
    )
    status, out, error = runs.shell(*flags, backend=backend)
    assert error == ""
    assert status == 0
    assert f"float32 on {backend}" in out
    assert (tmp_path / "run" / "model.keras").is_file()


@pytest.mark.parametrize(
    "backend", [pytest.param("torch", marks=without("torch"))]
)
def test_exporting_in_a_shell(video, tmp_path, backend):
    """A model of TensorFlow through PyTorch, in a fresh process."""
    out = tmp_path / "exported"
    status, printed, error = runs.shell(
        "export",
        f"--model={video.run}",
        f"--out={out}",
        "--formats=litert",
        backend=backend,
    )
    assert error == ""
    assert status == 0
    assert printed.startswith(f"Wrote {out}:\n  model.tflite: ")
