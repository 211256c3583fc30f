"""One plain network of nine convolutions with each activation function, at its own best learning rate. Notebook 14.

Every activation starts from normal weights of variance v = gain / n that keep the average square of the signal, where
n counts the inputs of a unit and gain is 1 / E[f(z)²] for a standard normal z. "sigmoid, large" starts from a gain of
100, which keeps the differences between images; "+ BN" has batch normalization before each activation. Images, steps
and held-out images are those of 13_compare. Seed 0 chooses the rate on 1,200 held-out images: it starts at 0.01, 0.03
and 0.1, and goes on in steps of about 3 while the best rate is the lowest or highest one tried. Three new seeds follow
with that rate. The test set chooses nothing.
"""
from d2lcnn import evaluate_accuracy, fit, load_data_fashion_mnist, run_experiment
from d2lcnn.data import Batches

from mxnet import init
from mxnet.gluon import nn


def after_norm(name):
    """A layer of batch normalization, followed by an activation."""
    def layer():
        both = nn.HybridSequential()
        both.add(nn.BatchNorm(), ACTIVATIONS[name][0]())
        return both
    return layer


ACTIVATIONS = {  # name: (layer, gain, outputs of the convolution for each channel)
    "ReLU": (lambda: nn.Activation("relu"), 2.0, 1), "leaky ReLU": (lambda: nn.LeakyReLU(0.01), 2.0, 1),
    "ELU": (nn.ELU, 1.55, 1), "GELU": (nn.GELU, 2.35, 1), "SiLU": (nn.Swish, 2.81, 1),
    "tanh": (lambda: nn.Activation("tanh"), 2.54, 1), "sigmoid": (lambda: nn.Activation("sigmoid"), 3.41, 1),
    "sigmoid, large": (lambda: nn.Activation("sigmoid"), 100.0, 1),
    "maxout": (lambda: nn.HybridLambda(lambda F, x: F.np.maximum(*F.np.split(x, 2, axis=1))), 1.0, 2)}
ACTIVATIONS |= {f"{name} + BN": (after_norm(name), *ACTIVATIONS[name][1:])
                for name in ("ReLU", "SiLU", "tanh", "sigmoid")}
RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
EXAMPLES, HELD_OUT, EPOCHS, BATCH_SIZE = 6000, 1200, 3, 64

chosen, _ = load_data_fashion_mnist(BATCH_SIZE, examples=EXAMPLES + HELD_OUT)
_, test = load_data_fashion_mnist(BATCH_SIZE)
train = Batches(chosen.images[:EXAMPLES], chosen.labels[:EXAMPLES], BATCH_SIZE, shuffle=True)
held_out = Batches(chosen.images[EXAMPLES:], chosen.labels[EXAMPLES:], BATCH_SIZE)


def plain(layer, outputs):
    net = nn.HybridSequential()
    for channels in (16, 32, 64):
        for strides in (2, 1, 1):
            net.add(nn.Conv2D(outputs * channels, kernel_size=3, strides=strides, padding=1), layer())
    net.add(nn.Flatten(), nn.Dense(10))
    return net


def run(activation, lr, seed):
    layer, gain, outputs = ACTIVATIONS[activation]
    net = plain(layer, outputs)
    try:
        history = fit(net, (train, held_out), EPOCHS, lr, seed=seed, show=False,
                      init=init.Xavier("gaussian", "in", magnitude=gain))
    except FloatingPointError:  # this rate is too high
        return {"loss_1": None, "loss_3": None, "train_acc": None, "held_out_acc": None, "test_acc": None}
    return {"loss_1": round(history.loss[0], 4), "loss_3": round(history.loss[-1], 4),
            "train_acc": round(history.train_acc[-1], 4), "held_out_acc": round(history.test_acc[-1], 4),
            "test_acc": round(evaluate_accuracy(net, test), 4)}


for name in ACTIVATIONS:
    tried = [0.01, 0.03, 0.1]
    while True:
        rows = run_experiment([{"activation": name, "lr": lr, "seed": 0} for lr in tried], run)
        rows = rows[(rows.activation == name) & (rows.seed == 0)]
        lr = rows.lr[rows.held_out_acc.idxmax()] if rows.held_out_acc.notna().any() else min(tried)
        place = RATES.index(lr)
        beyond = [RATES[i] for i in (place - 1, place + 1) if 0 <= i < len(RATES)]
        if set(beyond) <= set(tried):
            break
        tried += beyond
    run_experiment([{"activation": name, "lr": lr, "seed": seed} for seed in (1, 2, 3)], run)
