"""What happened in a training run. First used in notebook 06."""
from dataclasses import dataclass, field

from .curves import plot_histories

__all__ = ["History"]


@dataclass
class History:
    """What happened in a training run: one entry per epoch in each list but `batch_loss`, one per batch there.

    Losses are means over examples, accuracies shares in 0..1. `train_acc` is counted while training, `test_acc`
    after the epoch. `seconds` are those of the training pass alone, `lr` is the rate of its last step.
    """

    batches: int  # in one epoch
    loss: list = field(default_factory=list)
    train_acc: list = field(default_factory=list)
    test_acc: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    images_per_s: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    batch_loss: list = field(default_factory=list)

    @property
    def done(self):
        """The number of batches trained in the epoch at hand."""
        return len(self.batch_loss) - len(self.loss) * self.batches

    def end_epoch(self, sums, test_acc, lr):
        """Add an epoch; `sums` are those of its losses, right answers, examples and seconds."""
        loss, right, examples, seconds = map(float, sums)
        self.loss.append(loss / examples)
        self.train_acc.append(right / examples)
        self.test_acc.append(float(test_acc))
        self.seconds.append(seconds)
        self.images_per_s.append(examples / seconds)
        self.lr.append(float(lr))

    def plot(self):
        """Draw loss and accuracy against the epoch; `plot_histories` draws several runs together."""
        plot_histories({"": self})

    def line(self, epoch):
        """Return the report of one epoch, counted from 1."""
        i = epoch - 1
        return (f"epoch {epoch:2d}   loss {self.loss[i]:6.4f}   train acc {self.train_acc[i]:.3f}   "
                f"test acc {self.test_acc[i]:.3f}   {self.images_per_s[i]:6,.0f} images/s")
