"""The bar of a notebook."""

from typing import Any

from IPython.display import display
from tqdm.notebook import tqdm_notebook

VIEW = "application/vnd.jupyter.widget-view+json"


class WidgetBar(tqdm_notebook):  # type: ignore[misc]  # tqdm has no types
    """tqdm's widget, which leaves nothing behind.

    Only the widget itself is put out, without the text that stands for it where there are no
    widgets: that text would be stored with the notebook and tell for ever of a bar at its
    beginning. A closed widget vanishes; one that has outlived its kernel is shown as an error.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, leave=False, display=False)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.container.model_id}
        display({VIEW: view}, raw=True)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Take it away, also where the end was not reached."""
        super().close()
        self.container.close()
