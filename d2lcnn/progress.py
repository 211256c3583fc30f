"""Training in pictures while it runs: one live picture in a notebook, a bar in a script. First used in notebook 06."""
import sys
import time
from io import BytesIO

from matplotlib.figure import Figure

from . import workers
from .plot import draw_histories

__all__ = ["Progress"]

SHARE = 0.02  # of the time may go into live pictures, so that training hardly notices them


class Progress:
    """Show a `History` while it grows: one picture updated in place in a notebook, a progress bar in a script.

    A picture is redrawn only while the drawing so far took less than `SHARE` of the time. The first exception in
    picture or bar is reported on stderr and switches them off: training is worth more.
    """

    def __init__(self, history, num_epochs, show=True):
        self.history, self.num_epochs, self.show = history, num_epochs, show
        self.start, self.before, self.lines = time.perf_counter(), len(history.batch_loss), 0
        self.draws, self.drawing, self.shown, self.bar = show and _in_notebook(), 0.0, None, None

    def __enter__(self):
        if self.show and not self.draws and workers.SIZE == 1:  # horovodrun would print each state of a bar
            self._try(self._open_bar)
        if self.before:  # a run that resumes: show what it has done already
            self.epoch()
        return self

    def batch(self):
        """Report one more batch."""
        if self.bar:
            self._try(self.bar.update)
        elif self.draws and self.drawing < SHARE * (time.perf_counter() - self.start):
            self._try(self._draw)

    def epoch(self):
        """Report the end of an epoch: draw, and print its line."""
        if not self.show:
            return
        if self.draws:
            self._try(self._draw)
        while self.lines < len(self.history.loss):
            self.lines += 1
            line = self.history.line(self.lines)
            if self.bar:
                self._try(self.bar.write, line)
            else:
                print(line)

    def __exit__(self, *_):
        if self.bar:
            self._try(self.bar.close)

    def _try(self, show, *arguments):
        try:
            show(*arguments)
        except Exception as error:
            self.draws, self.bar = False, None
            print(f"the progress of training cannot be drawn ({type(error).__name__}: {error}): "
                  "training continues without", file=sys.stderr)

    def _open_bar(self):
        from tqdm import tqdm
        self.bar = tqdm(total=self.num_epochs * self.history.batches, initial=self.before, unit="batch", leave=False)

    def title(self, now):
        """Return what stands above the picture: the epoch, the rate, and the seconds left at the time `now`."""
        h, all_batches = self.history, self.num_epochs * self.history.batches
        done, ours = len(h.batch_loss), len(h.batch_loss) - self.before
        if len(h.loss) == self.num_epochs:
            return f"{self.num_epochs} epochs, {sum(h.seconds):.0f} s of training"
        title = f"epoch {min(done // h.batches + 1, self.num_epochs)} of {self.num_epochs}"
        if ours and h.rate:
            left = (now - self.start) / ours * (all_batches - done)
            title += f", {h.rate:,.0f} images/s, {left:.0f} s left"
        return title

    def _draw(self):
        from IPython.display import Image, display
        start = time.perf_counter()
        figure, png = Figure(figsize=(8, 3), dpi=100), BytesIO()
        figure.suptitle(self.title(start), fontsize=10)
        draw_histories(figure, {"": self.history})
        figure.savefig(png, format="png")
        image = Image(png.getvalue(), alt="loss and accuracy of this training run against the epoch")
        if self.shown:
            self.shown.update(image)
        else:
            self.shown = display(image, display_id=True)
        self.drawing += time.perf_counter() - start


def _in_notebook():
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")
