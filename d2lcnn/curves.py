"""Training in pictures: curves of loss and accuracy, live and afterwards. First used in notebook 06."""
import sys
import time
from io import BytesIO

import numpy
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

__all__ = ["Progress", "plot_histories"]


def plot_histories(histories):
    """Draw loss and accuracy against the epoch for a dict of names and `History`s, such as `{"LeNet": history}`."""
    _draw_histories(plt.figure(figsize=(8, 3)), histories)


def _draw_histories(figure, histories):
    # fixed margins: to have matplotlib find them would double the time of a live picture
    left, right = figure.subplots(1, 2, gridspec_kw={"left": 0.07, "right": 0.99, "bottom": 0.17, "top": 0.82})
    for i, (name, history) in enumerate(histories.items()):
        batches = numpy.arange(1, len(history.batch_loss) + 1) / history.batches
        ends = numpy.arange(1, len(history.loss) + 1)
        left.plot(batches, history.batch_loss, f"C{i}-", alpha=0.3, lw=0.8)
        left.plot(ends - 0.5, history.loss, f"C{i}o", ms=4, label=name)
        right.plot(ends - 0.5, history.train_acc, f"C{i}o:", ms=3)
        right.plot(ends, history.test_acc, f"C{i}o-", ms=3, label=name)
    left.set(xlabel="epoch", ylabel="loss")
    left.set_title("pale: each batch, dots: mean of an epoch", fontsize=8)
    right.set(xlabel="epoch", ylabel="accuracy")
    right.set_title("dotted: train, during the epoch; line: test, after it", fontsize=8)
    for axes in (left, right):
        if any(histories):  # not where the only name is ""
            axes.legend(fontsize=8)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlim(left=0)


class Progress:
    """Show a `History` while it grows: one picture updated in place in a notebook, a progress bar in a script.

    A picture is redrawn only when the drawing so far took below 2 % of the time, so training hardly notices. The
    first exception in picture or bar is reported on stderr and switches them off: training is worth more.
    """

    def __init__(self, history, num_epochs, show=True):
        self.history, self.num_epochs, self.show = history, num_epochs, show
        self.start, self.before, self.lines = time.perf_counter(), len(history.batch_loss), 0
        self.draws, self.drawing, self.shown, self.bar = show and _in_notebook(), 0.0, None, None

    def __enter__(self):
        if self.show and not self.draws:
            self._try(self._open_bar)
        if self.before:  # a run that goes on: show what it has done already
            self.epoch()
        return self

    def batch(self, rate):
        """Report one more batch at `rate` images per second."""
        if self.bar:
            self._try(self.bar.update)
        elif self.draws and self.drawing < 0.02 * (time.perf_counter() - self.start):
            self._try(self._draw, rate)

    def epoch(self):
        """Report the end of an epoch: draw, and print its line."""
        if not self.show:
            return
        if self.draws:
            self._try(self._draw, *self.history.images_per_s[-1:])
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
                  "training goes on without", file=sys.stderr)

    def _open_bar(self):
        from tqdm import tqdm
        self.bar = tqdm(total=self.num_epochs * self.history.batches, initial=self.before, unit="batch", leave=False)

    def _draw(self, rate=None):
        from IPython.display import Image, display
        start, h = time.perf_counter(), self.history
        done, ours = len(h.batch_loss) / h.batches, (len(h.batch_loss) - self.before) / h.batches
        title = f"epoch {min(int(done) + 1, self.num_epochs)} of {self.num_epochs}"
        if len(h.test_acc) == self.num_epochs:
            title = f"{self.num_epochs} epochs, {sum(h.seconds):.0f} s of training"
        elif rate and ours:
            left = (start - self.start) / ours * (self.num_epochs - done)
            title += f", {rate:,.0f} images/s, {left:.0f} s left"
        figure, png = Figure(figsize=(8, 3), dpi=100), BytesIO()
        figure.suptitle(title, fontsize=10)
        _draw_histories(figure, {"": h})
        figure.savefig(png, format="png")
        image = Image(png.getvalue(), alt="loss and accuracy of this training run against the epoch")
        if self.shown:
            self.shown.update(image)
        else:
            self.shown = display(image, display_id=True)
        self.drawing += time.perf_counter() - start


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return hasattr(ipython and ipython.get_ipython(), "kernel")
