"""A modality of a schema that a model does not take is named."""

from __future__ import annotations

from tests.cli import own_shards

THREE = ["rgb", "audio", "depth"]


def test_every_subcommand_says_so(command, tmp_path):
    path = own_shards.videos(tmp_path / "a.tfrecord", THREE)
    schema = f"--schema={own_shards.schema(tmp_path / 's.json', THREE)}"
    run, data = f"--model={tmp_path / 'run'}", f"--data={path}"
    line = "--schema has depth, left out: the model takes rgb and audio\n"
    words = own_shards.train_words(
        path,
        tmp_path / "run",
        "--model=logistic",
        schema,
        "--modalities=rgb,audio",
    )
    assert command(*words).error == line
    for subcommand in (
        ["evaluate", run, data],
        ["predict", run, data, f"--out={tmp_path / 'p.csv'}"],
        ["explain", run, data, f"--out={tmp_path / 'v.html'}"],
        ["report", tmp_path / "run", data],
        ["export", run, data, f"--out={tmp_path / 'e'}", "--formats=litert"],
    ):
        answer = command(*subcommand, schema)
        assert (answer.status, answer.error) == (0, line)


def test_a_dry_run_of_one_modality(command, tmp_path):
    names = ["depth", "audio"]
    path = own_shards.clips(tmp_path / "a.tfrecord", names)
    schema = own_shards.schema(tmp_path / "s.json", names, "frame")
    config = tmp_path / "config.json"
    config.write_text('{"arguments": {"units": 8, "depth": 1}}')
    answer = command(
        *own_shards.train_words(
            path,
            tmp_path / "run",
            "--model=fully_connected",
            "--preset=audio",
            f"--config={config}",
            f"--schema={schema}",
            "--dry-run",
        )
    )
    assert answer.status == 0
    assert "--schema has depth, left out: the model takes audio" in answer.error
