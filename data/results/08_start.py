"""VGG-11 with a quarter of the channels at 32 pixels, from He's weights and from Xavier's. Lab 08_he_or_xavier."""
import d2lcnn
from d2lcnn import run_experiment
from d2lcnn.models.vgg import vgg11

from mxnet import init

STARTS = {"He": init.MSRAPrelu("in", slope=0), "Xavier": init.Xavier()}


def run(start, lr, seed):
    net = vgg11()
    net.collect_params(".*weight").setattr("init", STARTS[start])
    data = d2lcnn.load_data_fashion_mnist(64, 32, 6_000)
    history = d2lcnn.fit(net, data, 4, lr, seed=seed, show=False)
    losses = {f"loss_{epoch}": round(loss, 4) for epoch, loss in enumerate(history.loss, 1)}
    return losses | {"train_acc": round(history.train_acc[-1], 4), "test_acc": round(history.test_acc[-1], 4)}


run_experiment([{"start": start, "lr": lr, "seed": seed} for start, lr, seed in [
    ("He", 0.01, 0), ("Xavier", 0.01, 0), ("He", 0.01, 1), ("Xavier", 0.01, 1), ("He", 0.01, 2),
    ("Xavier", 0.05, 0), ("Xavier", 0.02, 0)]], run)
