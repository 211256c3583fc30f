"""Notebook 10: LeNet with batch normalization, the full experiment: 60,000 images of 28 px, ten epochs, batch 256."""
from itertools import accumulate

from record import record

import d2lcnn
from d2lcnn.models.lenet_bn import lenet_bn

data = d2lcnn.load_data_fashion_mnist(256)
run = d2lcnn.fit(lenet_bn(), data, 10, lr=0.1, show=False)
columns = zip(run.loss, run.train_acc, run.test_acc, accumulate(run.seconds), strict=True)
record([{"epoch": epoch, "loss": round(loss, 4), "train_acc": round(train_acc, 4), "test_acc": round(test_acc, 4),
         "minutes": round(seconds / 60, 2)} for epoch, (loss, train_acc, test_acc, seconds) in enumerate(columns, 1)])
