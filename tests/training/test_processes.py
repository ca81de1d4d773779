"""Several real processes, and several devices, that train one model."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data, models, training
from keras_attend_fusion.training.processes import ALONE, all_gather_bytes
from tests.cli import runs
from tests.cli.damage import BAD, good
from tests.data import records
from tests.data.file_server import free_port

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="JAX alone has processes"
)
BATCH, EPOCHS, VIDEOS = 32, 2, 330
LONG = 6
# What the batch as a whole decides: dropout and statistics of normalisation.
SIZES = {"units": 64, "depth": 2, "dropout": 0.3}


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Four shards to train on, and as many to validate on."""
    folder = tmp_path_factory.mktemp("shards") / "shards"
    data.synthesize(folder, "video", VIDEOS, 4, runs.CLASSES)
    data.synthesize(folder / "others", "video", VIDEOS, 4, runs.CLASSES, seed=1)
    settings = {
        "model": "early_fusion",
        "preset": "normalized",
        "arguments": SIZES,
        "batch_size": BATCH,
        "epochs": EPOCHS,
        "dtype_policy": "float32",
    }
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def flags(shards, out, *others):
    return [
        "train",
        f"--train={shards}/train-*",
        f"--validate={shards}/others/train-*",
        f"--out={out}",
        f"--config={shards}/config.json",
        *others,
    ]


def free_address():
    return f"127.0.0.1:{free_port()}"


def start(words, count, others=None, killed=None):
    """Starts as many processes.

    Args:
        words: Of the command.
        count: How many.
        others: More words for one of them, by index.
        killed: The index of the one that kills itself after two epochs.
    """
    address = free_address()
    return [
        runs.spawn(
            *words,
            f"--coordinator={address}",
            f"--num-processes={count}",
            f"--process-id={index}",
            *(others or {}).get(index, ()),
            backend="jax",
            killed="after" if index == killed else "",
            variables={"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"},  # few steps
        )
        for index in range(count)
    ]


def wait_for(path, processes):
    deadline = time.monotonic() + 600
    while not path.exists():
        assert time.monotonic() < deadline
        assert all(one.poll() is None for one in processes)
        time.sleep(0.01)


def ended(processes):
    """What each leaves: status, standard output and the lines of errors."""
    answers = []
    for one in processes:
        out, error = one.communicate(timeout=900)
        answers.append((one.returncode, out, error.splitlines()))
    return answers


def history(out):
    with (out / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def column(out, name):
    return [float(row[name]) for row in history(out)]


def joined(parts):
    """Batches of several datasets, one behind the other."""
    return tf.data.Dataset.zip(tuple(parts)).map(
        lambda *ones: tf.nest.map_structure(
            lambda *part: tf.concat(part, axis=0), *ones
        )
    )


def alone(shards, count, epochs=EPOCHS):
    """One process and one device on the batches of `count` processes."""
    keras.utils.set_random_seed(0)
    parts = [
        data.load(
            f"{shards}/train-*",
            batch_size=BATCH // count,
            num_classes=runs.CLASSES,
            shuffle=True,
            seed=0,
            drop_remainder=True,
            process=(index, count),
        )
        for index in range(count)
    ]
    steps = VIDEOS // count // (BATCH // count)
    batches = joined(parts)
    model = models.build(
        "early_fusion", "normalized", "video", runs.CLASSES, **SIZES
    )
    training.compile_model(model, steps * epochs)
    fitted = model.fit(
        batches.take(steps), epochs=epochs, shuffle=False, verbose=0
    )
    return fitted.history["loss"], model


@pytest.fixture(scope="module")
def whole(shards, tmp_path_factory):
    """What two processes leave and say that nothing interrupts."""
    out = tmp_path_factory.mktemp("whole") / "run"
    return out, ended(start(flags(shards, out, f"--epochs={LONG}"), 2))


@pytest.mark.parametrize(("count", "epochs"), [(2, LONG), (4, EPOCHS)])
def test_processes_train_as_one_does(shards, request, tmp_path, count, epochs):
    if count == 2:
        out, answers = request.getfixturevalue("whole")
    else:
        out = tmp_path / "run"
        answers = ended(start(flags(shards, out), count))
    assert [status for status, _, _ in answers] == [0] * count, answers
    (_, said, _), *others = answers
    assert f"jax, {count} devices of {count} processes" in said
    assert not any("Epoch" in text for _, text, _ in others)
    losses, model = alone(shards, count, epochs)
    np.testing.assert_allclose(column(out, "loss"), losses, rtol=5e-4)
    # Each scored a share: together that is every video. XLA rounds by the
    # size of a batch, so that near ties may change places.
    best = keras.saving.load_model(out / "model.keras", compile=False)
    validation = data.load(f"{shards}/others/train-*", num_classes=runs.CLASSES)
    expected = training.score(best, validation).result()
    found = runs.read_json(out / "metrics.json")
    assert found["videos"] == expected["videos"] == VIDEOS
    assert found["gap_at_20"] == pytest.approx(expected["gap_at_20"], abs=1e-5)
    gaps = column(out, "val_gap_at_20")
    assert max(gaps) == pytest.approx(found["gap_at_20"], abs=1e-9)
    if gaps[-1] == max(gaps):
        gap = training.score(model, validation).result()["gap_at_20"]
        assert gap == pytest.approx(gaps[-1], abs=1e-3)


def test_processes_train_on_segments(tmp_path):
    folder, out = tmp_path / "rated", tmp_path / "run"
    data.synthesize(folder, "segment", 120, 4, runs.CLASSES)
    arguments = {"members": 1, "trunk_units": 32}
    arguments |= {"trunk_dropout": 0.0, "dropout": 0.0}
    settings = {
        "model": "attend_fusion",
        "preset": "mobile",
        "arguments": {**arguments, "hidden_units": 32},
        "batch_size": BATCH,
        "epochs": 1,
        "learning_rate": 1e-4,
        "dtype_policy": "float32",
        "segments": True,
    }
    (folder / "config.json").write_text(json.dumps(settings))
    words = [
        "train",
        f"--train={folder}/train-*",
        f"--validate={folder}/train-*",
        f"--out={out}",
        f"--config={folder}/config.json",
    ]
    answers = ended(start(words, 2))
    assert [status for status, _, _ in answers] == [0, 0], answers
    keras.utils.set_random_seed(0)
    parts = [
        data.load_segments(
            f"{folder}/train-*",
            batch_size=BATCH // 2,
            num_classes=runs.CLASSES,
            shuffle=True,
            seed=0,
            drop_remainder=True,
            process=(index, 2),
        )
        for index in range(2)
    ]
    batches = joined(parts)
    shares = [
        data.count_segments(
            f"{folder}/train-*", num_classes=runs.CLASSES, process=(index, 2)
        )
        for index in range(2)
    ]
    steps = min(shares) // (BATCH // 2)
    assert runs.read_json(out / "config.json")["train_videos"] == sum(shares)
    assert f" {steps} steps an epoch" in answers[0][1]
    model = models.build(
        "attend_fusion",
        "mobile",
        "frame",
        runs.CLASSES,
        **settings["arguments"],
    )
    training.compile_model(model, steps, 1e-4, classwise_weights=True)
    fitted = model.fit(batches.take(steps), shuffle=False, verbose=0)
    losses = fitted.history["loss"]
    np.testing.assert_allclose(column(out, "loss"), losses, rtol=5e-4)


def test_processes_skip_what_is_broken(tmp_path):
    """One share loses more than the other: both take as many steps."""
    out = tmp_path / "run"
    bad = [record for record, _ in BAD["frame"].values()]
    for shard, broken in enumerate((bad, [], 2 * bad, [])):
        path = tmp_path / f"train-{shard}.tfrecord"
        records.write(path, [*good("frame", 30), *broken])
    words = [
        "train",
        f"--train={tmp_path}/train-*",
        f"--validate={tmp_path}/train-*",
        f"--out={out}",
        f"--num-classes={runs.CLASSES}",
        "--batch-size=16",
        "--epochs=2",
        "--on-corrupt=skip",
        *runs.QUICK,
    ]
    answers = ended(start(words, 2))
    assert [status for status, _, _ in answers] == [0, 0], answers
    shares = [
        sum(
            len(labels)
            for _, labels in data.load(
                f"{tmp_path}/train-*",
                num_classes=runs.CLASSES,
                on_corrupt="skip",
                process=(index, 2),
            )
        )
        for index in range(2)
    ]
    assert sum(shares) == 120
    assert runs.read_json(out / "config.json")["train_videos"] == 120
    assert f" {min(shares) // 8} steps an epoch" in answers[0][1]
    assert runs.read_json(out / "metrics.json")["videos"] == 120
    for _, _, lines in answers:
        assert any("Skipped " in line for line in lines)


def test_devices_of_one_process_train_as_one_does(shards, tmp_path):
    out = tmp_path / "run"
    four = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
    status, said, error = runs.shell(
        *flags(shards, out), backend="jax", variables=four
    )
    assert (status, error) == (0, "")
    assert "on jax, 4 devices\n" in said
    losses, _ = alone(shards, 1)
    np.testing.assert_allclose(column(out, "loss"), losses, rtol=5e-4)


def test_a_lost_process_ends_the_run_and_it_goes_on(shards, whole, tmp_path):
    """Without the first one, then without the second, and to the end."""
    out = tmp_path / "run"
    words = flags(shards, out, f"--epochs={LONG}", "--resume")
    for lost in (0, 1):
        answers = ended(start(words, 2, killed=lost))
        assert answers[lost][0] == -signal.SIGKILL, answers
        status, _, lines = answers[1 - lost]
        # JAX ends a process that lost the first one, unless ours is quicker.
        assert status == 1 or (lost == 0 and status == -signal.SIGABRT)
        if status == 1:
            assert "train: another process of the run" in lines[-1]
            assert "start all processes again: --resume goes on" in lines[-1]
        assert not (out / "model.keras").exists()
    answers = ended(start(words, 2))
    assert [status for status, _, _ in answers] == [0, 0], answers
    assert f"Epoch {LONG}/{LONG}" in answers[0][1]
    assert f"Epoch {LONG // 2}/{LONG}" not in answers[0][1]
    for rows in (one := history(out)), (other := history(whole[0])):
        for row in rows:
            del row["seconds"]
    assert one == other


def test_processes_that_disagree(shards, tmp_path):
    words = flags(shards, tmp_path / "run")
    answers = ended(start(words, 2, {1: ["--seed=3"]}))
    expected = (
        "attend-fusion train: process 1 has seed 3, but process 0 has 0: "
        "start all with the same flags, shards and --out"
    )
    for status, _, lines in answers:
        assert status == 1
        assert lines[-1] == expected
    assert not (tmp_path / "run").exists()


def test_an_interrupted_process_ends_the_others(shards, tmp_path):
    out = tmp_path / "run"
    processes = start(flags(shards, out, "--epochs=99"), 2)
    wait_for(out / "checkpoints/epoch-0001.keras", processes)
    processes[1].send_signal(signal.SIGINT)
    first, second = ended(processes)
    assert second[0] == 130
    assert "train: interrupted; --resume goes on after" in second[2][-1]
    assert first[0] == 1
    assert "attend-fusion train: another process of the run" in first[2][-1]


def test_a_process_that_waits_in_vain(tmp_path):
    program = (
        "import sys; from keras_attend_fusion.cli import main, processes; "
        "processes.PATIENCE = 1; main.main(sys.argv[1:])"
    )
    place = (f"--coordinator={free_address()}", "--num-processes=2")
    done = subprocess.run(
        [
            *(sys.executable, "-c", program, "train", "--train=a"),
            *("--validate=b", f"--out={tmp_path}/run", *place),
            "--process-id=1",
        ],
        env={**os.environ, "PYTHONPATH": str(runs.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("attend-fusion train: process 1 of 2 waited 1 s at")


@pytest.mark.skipif(
    not hasattr(os, "SCHED_BATCH"), reason="Linux alone has the policy"
)
def test_threads_that_spin_leave_the_core_to_others():
    program = (
        "import os; from concurrent.futures import ThreadPoolExecutor; "
        "from keras_attend_fusion import training; "
        f"training.join('{free_address()}', 1, 0); "
        "pool = ThreadPoolExecutor(); "
        "print(pool.submit(os.sched_getscheduler, 0).result())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "PYTHONPATH": str(runs.ROOT),
            "KERAS_BACKEND": "jax",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1]) == os.SCHED_BATCH


def test_what_cannot_be_cut_into_parts():
    team = training.Processes(count=2, devices=4)
    with pytest.raises(ValueError, match=r"of 30 cannot be cut .* 4 devices"):
        team.local(30)
    with pytest.raises(ValueError, match="30 videos a process are not a whole"):
        team.steps(30, 64)


def test_fewer_shards_than_processes(shards, tmp_path):
    words = flags(shards, tmp_path / "run", f"--train={shards}/train-00000*")
    for status, _, lines in ended(start(words, 2)):
        assert status == 1
        assert "1 shards for 2 processes: each reads shards of" in lines[-1]


def test_what_is_exchanged_alone():
    assert all_gather_bytes(b"", ALONE) == [b""]
    assert json.loads(all_gather_bytes(b"[1]", ALONE)[0]) == [1]


def test_a_process_meets_the_others_once(monkeypatch):
    import jax

    from keras_attend_fusion.training import processes

    meetings = []
    monkeypatch.setattr(
        jax.distributed,
        "initialize",
        lambda *words, **_: meetings.append(words),
    )
    monkeypatch.setattr(jax.config, "update", lambda *_: None)
    monkeypatch.setattr(processes, "take_long_turns", lambda: None)
    monkeypatch.setattr(processes, "_connection", None)
    for _ in range(2):  # before each of two models
        processes._connect("localhost:1", 2, 0)
    assert meetings == [("localhost:1", 2, 0)]
    with pytest.raises(ValueError, match="but this process joined with"):
        processes._connect("localhost:1", 2, 1)
