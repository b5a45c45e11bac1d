"""The bar of a notebook."""

from typing import Any

from IPython.display import DisplayHandle
from tqdm.notebook import tqdm_notebook

VIEW = "application/vnd.jupyter.widget-view+json"


class WidgetBar(tqdm_notebook):  # type: ignore[misc]  # tqdm has no types
    """tqdm's widget, which leaves nothing behind.

    Only the widget itself is put out, without the text that stands for it where there are no
    widgets: that text would be stored with the notebook and tell for ever of a bar at its
    beginning. What is stored in the end is a view of no model, which is not shown: a view of one
    that has gone with its kernel would be shown as an error.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, leave=False, display=False)
        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
        view = _view(self.container.model_id)
        self._handle.display(view, raw=True)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Take it away, also where the end was not reached."""
        if self.disable:  # closed before: tqdm does it again when the bar is collected
            return
        super().close()
        self.container.close()
        self._handle.update(_view(""), raw=True)  # type: ignore[no-untyped-call]


def _view(model_id: str) -> dict[str, dict[str, Any]]:
    return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}}
