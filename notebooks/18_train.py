"""LeNet on clothes, by as many processes as there are: see notebook 18.

Each process takes 32 images per step, so the learning rate grows with
their number. The same command resumes a run that was ended; the checkpoint
must lie in a folder that all machines share.
"""
from pathlib import Path

import d2lcnn
from d2lcnn import workers
from d2lcnn.models.lenet import lenet

data = d2lcnn.load_data_fashion_mnist(32, examples=6_000)
d2lcnn.fit(lenet(), data, 4, lr=0.01 * workers.SIZE,
           checkpoint=Path(__file__).with_suffix(".checkpoint"))
