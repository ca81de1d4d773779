"""Tables: what a reader hears of them, and how they narrow."""

from __future__ import annotations

from keras_attend_fusion.reports.markup import table


def test_rows_are_named_and_the_table_too():
    page = table(["a", "b"], [["1", "2"]], 'say "so"')
    assert '<th scope="row">1</th><td>2</td>' in page
    assert 'aria-label="say &quot;so&quot;"' in page
    assert 'class="scroll" tabindex="0" role="region"' in page


def test_a_stacked_table_counts_its_numbers():
    page = table(["a", "b", "c"], [["1", "2", "3"]], "l", stacked=True)
    assert 'class="scroll stacked" style="--columns:2" tabindex' in page
