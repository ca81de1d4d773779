"""The documentation site builds, is complete, and what it shows runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from keras_attend_fusion.cli.main import main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
ROOMS = sorted(one.stem for one in (DOCS / "api").glob("*.md"))
# The pages that need what `tour.md` leaves, in an order that also serves
# `android.md`, which reads the export of `export.md`.
AFTER_THE_TOUR = (
    "layers",
    "models",
    "tuning",
    "scaling",
    "explain",
    "export",
    "android",
)
NOT_RUN = {"install": {"sh"}, "android": {"kotlin"}, "ios": {"ruby", "swift"}}


class Page(HTMLParser):
    """The ids of a page, where it leads to, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.leads.append(value)
                if tag not in ("a", "link") or ("rel", "stylesheet") in attrs:
                    self.loads.append(value)


def dead_links(folder: Path) -> list[str]:
    """Links between the files of a folder that lead nowhere."""
    pages = {one.resolve(): Page(one) for one in folder.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        for link in page.leads:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link == "#":
                continue
            target = (path.parent / unquote(parts.path)).resolve()
            target = target if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (
                anchor and target in pages and anchor not in pages[target].ids
            ):
                dead.append(f"{path.name}: {link}")
    return dead


def public(room: ModuleType) -> set[str]:
    """The names that a room exports."""
    return {
        name
        for name in dir(room)
        if not name.startswith("_")
        and not isinstance(getattr(room, name), ModuleType)
    } - {"annotations"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built afresh; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    folders = [str(DOCS), str(folder / "html"), "-d", str(folder / "read")]
    done = subprocess.run(
        [sys.executable, *words, *folders],
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return folder / "html"


def test_every_room_has_a_page() -> None:
    package = ROOT / "keras_attend_fusion"
    rooms = {one.parent.name for one in package.glob("*/__init__.py")}
    inner = {"cli", "files"}  # are not public
    assert set(ROOMS) == rooms - inner


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_an_entry(site: Path, room: str) -> None:
    module = f"keras_attend_fusion.{room}"
    ids = Page(site / "api" / f"{room}.html").ids
    names = {f"{module}.{one}" for one in public(import_module(module))}
    assert names
    assert names <= ids, names - ids


def test_no_link_is_dead(site: Path) -> None:
    assert dead_links(site) == []


def test_no_page_asks_another_server_for_anything(site: Path) -> None:
    pages = {one: Page(one).loads for one in site.rglob("*.html")}
    assert any(pages.values())
    for path, loads in pages.items():
        assert [one for one in loads if urlsplit(one).netloc] == [], path


def test_formulas_are_set_without_a_script(site: Path) -> None:
    text = (site / "metrics.html").read_text(encoding="utf-8")
    assert 'display="block"><mrow>' in text
    assert "<msub><mi>s</mi>" in text
    assert "\\frac" not in text


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="top"><a href="b.html#end">b</a> <a href="c.html">c</a>'
        '<a href="#top">a</a> <a href="https://a.b/">else</a></h1>'
    )
    (tmp_path / "b.html").write_text('<p id="start"><img src="d.png"></p>')
    assert sorted(dead_links(tmp_path)) == [
        "a.html: b.html#end",
        "a.html: c.html",
        "b.html: d.png",
    ]


def test_docstrings_are_converted(site: Path) -> None:
    """No Markdown is left in what is shown."""
    for room in ROOMS:
        text = (site / "api" / f"{room}.html").read_text(encoding="utf-8")
        assert "```" not in text
        assert "](http" not in text


def blocks(page: str) -> list[tuple[str, str]]:
    """The language and text of each block of code of a page of the guide."""
    text = (GUIDE / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.M | re.S)


def run(page: str) -> None:
    """Runs the blocks of a page in their order, in this process."""
    names: dict[str, object] = {}
    ran = 0
    for language, text in blocks(page):
        if language == "python":
            exec(compile(text, f"{page}.md", "exec"), names)
            ran += 1
        elif language == "sh":
            lines = text.replace("\\\n", " ").splitlines()
            started = [
                command(shlex.split(one, comments=True)) for one in lines
            ]
            for process in filter(None, started):
                assert process.wait() == 0, process.args
            ran += 1
        else:
            assert language in NOT_RUN.get(page, set()) | {"text"}, language
    assert ran


def command(words: list[str]) -> subprocess.Popen[bytes] | None:
    """Runs a command; one with a variable before it runs beside the next."""
    if words[0] == "attend-fusion":
        assert main(words[1:]) == 0, words
    elif "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            [sys.executable, "-m", "attend_fusion", *words[1:]],
            env={**os.environ, "PYTHONPATH": path, name: value},
        )
    else:
        assert words[0] == "python3"
        subprocess.run([sys.executable, *words[1:]], check=True)
    return None


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `tour.md` was run, with a trained run in it."""
    folder, before = tmp_path_factory.mktemp("tour"), Path.cwd()
    os.chdir(folder)
    try:
        run("tour")
    finally:
        os.chdir(before)
    return folder


def test_the_tour_leaves_what_it_says(toured: Path) -> None:
    text = (GUIDE / "tour.md").read_text(encoding="utf-8")
    cells = " ".join(re.findall(r"^\| (`.*?`) \|", text, re.M))
    said = {one.rstrip("/") for one in re.findall(r"`([^`]+)`", cells)}
    assert said == {one.name for one in (toured / "run").iterdir()}
    assert len((toured / "predictions.csv").read_text().splitlines()) == 51


@pytest.mark.parametrize("page", AFTER_THE_TOUR)
def test_the_examples_run(
    page: str, toured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toured)
    run(page)


def test_no_page_of_the_guide_is_left_out() -> None:
    # `test_docs_own_data.py` runs its page.
    others = {"tour", "install", "ios", "design", "own_data"}
    assert {one.stem for one in GUIDE.glob("*.md")} == {
        *AFTER_THE_TOUR
    } | others
    for page in ("ios", "design"):
        languages = {language for language, _ in blocks(page)}
        assert languages <= NOT_RUN.get(page, set()) | {"text"}


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        (
            "android",
            ("rows.isEmpty()", "arrayOf(ByteArray(size))", "{ !absent }"),
        ),
        ("ios", ("data.isEmpty", "Data(count: size)", "absent ? 0 : 1")),
    ],
)
def test_phones_get_one_second_of_an_absent_modality(
    page: str, parts: tuple[str, ...]
) -> None:
    """Zeros with a mask of false: the interpreter refuses 0 seconds, which
    `tests/export/test_litert.py` holds it to."""
    code = "".join(text for _, text in blocks(page))
    for part in (*parts, '"rgb", rgb, 1024', '"audio", audio, 128'):
        assert part in code, part


def test_what_is_installed_exists() -> None:
    """`pip` is not run: its extras are compared with the package's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    text = (GUIDE / "install.md").read_text(encoding="utf-8")
    for line in blocks("install")[0][1].splitlines():
        words = shlex.split(line, comments=True)
        assert words[:2] == ["pip", "install"]
        name, _, extra = words[2].rstrip("]").partition("[")
        assert name == project["name"]
        assert not extra or extra in extras
    rows = re.findall(r"^\| (`.*?) \|", text, re.M)
    listed = {one for row in rows for one in re.findall(r"`(\w+)`", row)}
    assert listed == set(extras) - {"dev", "docs", "s3-tests"}
