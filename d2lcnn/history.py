"""What happened in a training run. First used in notebook 06."""
from dataclasses import dataclass, field

import pandas as pd

from .plot import plot_histories

__all__ = ["History"]

PER_EPOCH = ("loss", "train_acc", "test_loss", "test_acc", "seconds", "images_per_s", "lr")


@dataclass
class History:
    """What happened in a training run: one entry per epoch in each list but `batch_loss`, one per batch there.

    Losses are means over examples, accuracies shares in 0..1. `loss` and `train_acc` are counted while training,
    `test_loss` and `test_acc` after the epoch; without test data they stay empty. `seconds` are those of the training
    pass alone, `lr` is the rate of its last step. `stopped` tells that `each_batch` ended the run.
    """

    batches: int  # in one epoch
    loss: list = field(default_factory=list)
    train_acc: list = field(default_factory=list)
    test_loss: list = field(default_factory=list)
    test_acc: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    images_per_s: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    batch_loss: list = field(default_factory=list)
    stopped: bool = False
    sums: dict = field(default_factory=dict, repr=False)  # of the epoch at hand

    def __post_init__(self):
        self._begin()

    def _begin(self):
        self.sums = {"loss": 0.0, "right": 0.0, "images": 0.0, "seconds": 0.0}

    @property
    def done(self):
        """The number of batches trained in the epoch at hand."""
        return len(self.batch_loss) - len(self.loss) * self.batches

    @property
    def rate(self):
        """Images per second in the epoch at hand, or in the last one if none has begun; None before the first."""
        if self.sums["images"]:
            return self.sums["images"] / self.sums["seconds"]
        return self.images_per_s[-1] if self.images_per_s else None

    def add_batch(self, loss, right, images, seconds):
        """Add a batch: the sum of its losses, the numbers of right answers and of images, and its time."""
        for name, value in zip(self.sums, (loss, right, images, seconds), strict=True):
            self.sums[name] += float(value)
        self.batch_loss.append(float(loss) / images)

    def end_epoch(self, lr, test=None):
        """Turn the sums of the epoch at hand into an entry of each list; `test` is (loss, accuracy) or None."""
        sums = self.sums
        self.loss.append(sums["loss"] / sums["images"])
        self.train_acc.append(sums["right"] / sums["images"])
        self.seconds.append(sums["seconds"])
        self.images_per_s.append(sums["images"] / sums["seconds"])
        self.lr.append(float(lr))
        if test:
            self.test_loss.append(float(test[0]))
            self.test_acc.append(float(test[1]))
        self._begin()

    def table(self):
        """Return the epochs as a DataFrame, one row each, counted from 1."""
        columns = {name: getattr(self, name) for name in PER_EPOCH if getattr(self, name)}
        return pd.DataFrame(columns, index=pd.RangeIndex(1, len(self.loss) + 1, name="epoch"))

    def plot(self):
        """Draw loss and accuracy against the epoch; `plot_histories` draws several runs together."""
        plot_histories({"": self})

    def line(self, epoch):
        """Return the report of one epoch, counted from 1."""
        i = epoch - 1
        test = f"   test loss {self.test_loss[i]:6.4f}   test acc {self.test_acc[i]:.3f}" if self.test_acc else ""
        return (f"epoch {epoch:2d}   loss {self.loss[i]:6.4f}   train acc {self.train_acc[i]:.3f}{test}   "
                f"{self.images_per_s[i]:6,.0f} images/s")
