"""Lists of tasks of every platform: a box before the words of each, and nowhere else."""

from __future__ import annotations

import pytest
from entries import body


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ('<li><input type="checkbox" checked disabled> a', "☑ a"),
        ("<li><input type=checkbox>a", "☐ a"),
        (
            ('<li class="task-list-item is-checked" data-task="x"><input type="checkbox"'
            ' class="task-list-item-checkbox" checked="">a'),
            "☑ a",
        ),
        ('<li><label><input type="checkbox"> a</label>', "☐ a"),
        ('<li><p><input type="checkbox"> <a href="https://x.y/">a</a></p>',
         '<p>☐ <a href="https://x.y/">a</a></p>'),
        (
            ('<li data-checked="true" data-type="taskItem"><label><input type="checkbox" checked>'
            "<span></span></label><div><p>a</p></div>"),
            "<p>☑ a</p>",
        ),
        (
            '<li><div class="checkbox checkbox-on"></div> <span class="to-do-children">a</span>',
            "☑ a",
        ),
        ('<li class="on"><code>[X]</code> a', "☑ a"),
        ('<li class="off"><code>[&nbsp;]</code> a', "☐ a"),
        ('<li><p><i class="fa fa-check-square-o"></i> a</p>', "<p>☑ a</p>"),
        ('<li data-list="unchecked">a', "☐ a"),
        ("<li>a <input type=checkbox>b", "a ☐ b"),
        ("<li><code>[x]</code> a", "<code>[x]</code> a"),
        ('<li class="on">a', "a"),
        ("<li><input type=text value=v>a", "a"),
    ],
)  # fmt: skip
def test_a_task_has_its_box(item: str, expected: str) -> None:
    made = body(f"<ul>{item}</ul>")
    assert made == f"<ul><li>{expected}</li></ul>"
    assert body(made) == made


def test_a_list_of_confluence_says_by_its_class_what_is_done() -> None:
    items = '<ul class="inline-task-list"><li class="checked">a</li><li>b</li></ul>'
    assert body(items) == "<ul><li>☑ a</li><li>☐ b</li></ul>"
