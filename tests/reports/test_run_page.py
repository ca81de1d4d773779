"""The page: what it says, and that no name is more than text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from keras_attend_fusion.reports import video_sections as of_videos
from keras_attend_fusion.reports.hardest_videos import HardVideo
from keras_attend_fusion.reports.run_html import Report, render
from keras_attend_fusion.reports.run_record import Run
from tests.reports import made


class Parsed(HTMLParser):
    """Tags with their attributes, the text, and the rows of each table."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.tables = [], "", {}
        self._rows, self._cell, self._label = [], None, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if dict(attrs).get("role") == "region":
            self._rows = self.tables[dict(attrs)["aria-label"]] = []
        if tag == "tr":
            self._rows.append([])
        if tag in ("th", "td"):
            self._rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self._cell = None

    def handle_data(self, data):
        self.text += data
        if self._cell:
            self._rows[-1][-1] += data

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_run_in_words():
    page = Parsed(render(Report(made.run())))
    for said in (
        "Training report: a<b>",
        "1,200 videos to train on",
        "12,345 parameters",
        "trained in 61 s",
        "Epoch 2 of 3 has the highest validation GAP@20, 0.7500.",
        "4.0000 after epoch 1, 1.0000 after epoch 3",
        "GAP@20 from 0.2500 to 0.5000, Hit@1 from 0.1250 to 0.2500",
    ):
        assert said in page.text, said
    assert page.tables["Metrics"] == [
        ["Metric", "Validation of the run"],
        ["GAP@20", "0.7500"],
        ["F1 (micro)", "0.5000"],
        ["videos", "40"],
    ]
    assert page.tables["Every epoch"][2] == ["2", "2.0000", "0.7500", "0.3750"]
    settings = dict(page.tables["Settings"])
    assert settings["versions.keras"] == "3"
    assert settings["sizes"] == "none"


def test_only_what_was_asked_for_is_there():
    page = Parsed(render(Report(made.run())))
    assert [one["id"] for one in page.of("h2")] == ["metrics", "training"]
    page = Parsed(render(made.whole()))
    titles = [one["id"] for one in page.of("h2")]
    assert titles == [
        "metrics",
        "comparison-with-baselines",
        "training",
        "classes",
        "calibration",
        "hardest-videos",
        "data",
        "exported-files",
    ]
    links = [one["href"] for one in page.of("a")]
    assert links == [f"#{one}" for one in titles]


def test_a_run_that_has_not_ended():
    done = made.run(metrics={}, history=made.run().history[:1])
    text = Parsed(render(Report(done))).text
    assert "The training has not come to its end: 1 of 3 epochs" in text
    assert "There are none before the training has come to its end." in text
    text = Parsed(render(Report(made.run(metrics={}, history=[])))).text
    assert "No epoch is done yet." in text
    bare = Run("x", {"model": "m"}, {}, [])
    assert "m" in Parsed(render(Report(bare))).text


def test_the_baselines():
    page = Parsed(render(made.whole()))
    assert page.tables["This run and the baselines"] == [
        ["Model", "Parameters", "GAP@20"],
        ["this run, attend_fusion mobile", "12,345", "0.7500"],
        ["logistic, base, video level", "–", "0.6500 ± 0.0010"],
        [made.HOSTILE, "–", "0.5000"],
    ]
    assert (
        "Not comparable: the baselines were scored on 5,758 videos, this run "
        "on 40." in page.text
    )


def test_baselines_of_as_many_videos():
    rows = [{"model": "m", "gap_at_20": 0.1, "videos": 40}]
    page = render(Report(made.run(), baselines=rows, source="f"))
    assert "Not comparable" not in page
    assert "only if trained and scored on the same videos" in page


def test_the_videos():
    page = Parsed(render(made.whole()))
    assert page.tables["Metrics"][1] == ["GAP@20", "0.7500", "0.7000"]
    assert [row[:3] for row in page.tables["Best classes"][1:]] == [
        ["Car & boat", "12", "0.7500"],
        ["class 2", "3", "0.5000"],
    ]
    (worst,) = page.tables["Worst classes"][1:]
    assert worst == [made.HOSTILE, "4", "0.2500", "0.500", "0.250", "0.333"]
    assert page.tables["Calibration by score"][1:] == [
        ["0.000 to 0.333", "30", "0.2000", "0.1000"],
        ["0.667 to 1.000", "10", "0.8000", "0.9000"],
    ]
    assert "0.1000 away from what the scores promise" in page.text
    for said in ("Video <i>id</i>", "0.001, rank 3", "and 2 more", "Dog 0.900"):
        assert said in page.text, said
    assert page.text.count("✓ true label") == 1
    shards = dict(page.tables["What the shards hold"])
    assert shards["Videos"] == "50"
    assert shards["Frames a video"] == "30 to 60, mean 42.0"
    assert shards["Videos without sound"] == "4"
    assert shards["Records that cannot be used"] == "2"
    labels = page.tables["Labels a video"]
    assert [row[:2] for row in labels[1:4]] == [
        ["0", "1"],
        ["1", "30"],
        ["2", "8"],
    ]
    assert labels[-1][:2] == ["20 or more", "1"]
    assert "1.77 on average" in page.text  # (30 + 16 + 25) / 40


def test_rare_classes_give_way_where_there_are_enough_others():
    often = [made.scores(c, f"c{c}", 10, c / 100) for c in range(20)]
    rare = made.scores(20, "rare", 9, 1.0)
    told = made.found(classes=[*often, rare])
    page = Parsed(render(Report(made.run(), found=told, shards=[made.shard()])))
    best = [row[0] for row in page.tables["Best classes"][1:]]
    worst = [row[0] for row in page.tables["Worst classes"][1:]]
    assert best == [f"c{c}" for c in range(19, 9, -1)]
    assert worst == [f"c{c}" for c in range(10)]
    assert "Of 20 classes carried by 10 videos or more" in page.text


@pytest.mark.parametrize(
    ("values", "best", "worst"),
    [
        ([0.5], 1, 0),
        ([1.0, 1.0], 1, 0),
        ([0.5, 0.75], 1, 1),
        ([1.0, 0.5, 0.5, 0.5], 2, 2),
        ([1.0] * 12, 6, 0),
        ([0.0] * 30, 10, 0),
        ([c / 30 for c in range(30)], 10, 10),
    ],
)
def test_no_class_is_best_and_worst(values, best, worst):
    found = [made.scores(c, f"c{c}", 12, p) for c, p in enumerate(values)]
    page = Parsed(of_videos.classes(found))
    shown = [
        [row[0] for row in page.tables.get(f"{kind} classes", [])[1:]]
        for kind in ("Best", "Worst")
    ]
    assert [len(names) for names in shown] == [best, worst]
    assert not set(shown[0]) & set(shown[1])
    assert ("None: no class scores lower" in page.text) == (not worst)
    precision = dict(zip((f"c{c}" for c in range(99)), values, strict=False))
    assert all(precision[name] < max(values) for name in shown[1])


def test_only_videos_with_a_mistake_are_hard():
    hard, easy = (HardVideo(f"v{p}", p, [], 0, []) for p in (0.99, 1.0))
    page = of_videos.hardest([hard, easy])
    assert "v0.99" in page
    assert "v1.0" not in page
    assert of_videos.hardest([easy]).startswith("<p>None: in every video")
    assert "<li>" not in of_videos.hardest([])


def test_what_is_not_finite_is_a_dash():
    bad = float("nan")
    history = [{**row, "loss": bad} for row in made.run().history]
    told = made.run(metrics={"map": bad, "perr": 0.5}, history=history)
    page = Parsed(render(Report(told)))
    assert page.tables["Metrics"][1:] == [["mAP", "–"], ["PERR", "0.5000"]]
    assert page.tables["Every epoch"][1][1] == "–"
    assert "No value is a finite number." in page.text


def test_one_epoch_goes_from_nowhere_to_nowhere():
    page = Parsed(render(Report(made.run(history=made.run().history[:1]))))
    assert "Loss on the training videos: 4.0000 after epoch 1." in page.text
    assert "validation videos: GAP@20 0.2500, Hit@1 0.1250." in page.text


def test_the_exported_files():
    page = Parsed(render(made.whole()))
    assert page.tables["Exported files"][1] == [
        *("model.tflite", "LiteRT", "2.5", "1.5e-06", "–", "–"),
        *("1.25", "0.75", "81", "–"),
    ]


def test_a_name_is_text_everywhere():
    page = render(made.whole())
    parsed = Parsed(page)
    assert not parsed.of("script")
    assert not parsed.of("b")
    assert not parsed.of("i")
    assert len(parsed.of("style")) == page.count("</style>") == 1
    # as a class, a label, a baseline, a setting and the glob
    assert parsed.text.count(made.HOSTILE) == 5


def test_nothing_is_fetched():
    page = render(made.whole())
    for tag, attributes in Parsed(page).tags:
        assert tag not in ("img", "iframe", "object", "embed", "base"), tag
        for name in ("src", "action", "srcset"):
            assert name not in attributes
        link = attributes.get("href", "data:,")
        assert link == "data:," or link.startswith("#")
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page
