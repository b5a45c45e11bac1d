"""What the widgets' pages do by themselves: their own code, run without a browser."""

import json
import shutil
import subprocess

import pytest

from hhperf.show.look.page import page

# A model as an anywidget gives it to its page, as far as `follow` asks: listeners by their change.
ANSWERED = """
const heard = [];
const model = {
  on: (name, listener) => heard.push([name, listener]),
  off: (name, listener) => heard.splice(heard.findIndex((each) => each[1] === listener), 1),
};
const drawn = [];
const end = follow(model, {
  judged: () => drawn.push("judged"), "judged curves": () => drawn.push("shift"),
});
for (const panel of CHANGES) {
  for (const [name, listener] of heard) if (name === `change:${panel}`) listener();
}
setTimeout(() => { end(); console.log(JSON.stringify({ drawn, left: heard.length })); }, 0);
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the page's own code in Node.js")
@pytest.mark.parametrize(
    ("changed", "drawn"), [(["judged", "curves"], ["judged", "shift"]), (["curves"], ["shift"])]
)
def test_an_answer_draws_each_picture_once(changed: list[str], drawn: list[str]) -> None:
    """However many of its panels the answer changes; a view that has ended hears nothing more."""
    script = ANSWERED.replace("CHANGES", json.dumps(changed))
    code = page("explorer.js").replace("export default", "void") + script
    said = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == {"drawn": drawn, "left": 0}


def test_the_sessions_offered_are_named_by_something_that_a_page_has() -> None:
    """`model_id` is none of it: two explorers of a notebook would share one list."""
    assert "model_id" not in page("explorer.js")
