"""Training by several processes, on one machine or many: `horovodrun -np 4 python train.py`. See notebook 18.

Horovod starts the same script several times; each process is a worker. In all of them `train` and `fit` begin with the
weights of worker 0 and take steps by the mean of all gradients, but each has its own part of the training images: n
workers take the steps of a batch n times as large. Worker 0 alone shows and keeps anything.
"""
import os

from mxnet import np, npx

__all__ = ["LOCAL_RANK", "RANK", "SIZE", "agree", "same_weights", "share", "start", "total", "wait"]

RANK = int(os.environ.get("HOROVOD_RANK", 0))  # the number of this worker, from 0 on
SIZE = int(os.environ.get("HOROVOD_SIZE", 1))  # how many there are; 1 without Horovod
LOCAL_RANK = int(os.environ.get("HOROVOD_LOCAL_RANK", 0))  # the number of this worker on its machine


def start():
    """Return Horovod's module for MXNet, connected to the other workers. Raises ImportError if it is not installed."""
    # Gradients that happen to be ready together would travel as one message, cut into pieces at other places, and added
    # up in another order: the last digits would differ from run to run. So each has a message of its own.
    os.environ.setdefault("HOROVOD_FUSION_THRESHOLD", "0")
    os.environ.setdefault("HOROVOD_STALL_SHUTDOWN_TIME_SECONDS", "600")  # if a worker does not come: end with an error
    try:
        import horovod.mxnet
    except ImportError as error:
        raise ImportError(f"Horovod is not installed in this environment ({error}): make horovod") from error
    horovod.mxnet.init()
    return horovod.mxnet


def share(batches):
    """Return the part of the `Batches` that this worker trains on: equally many images for all, up to n - 1 left out.

    Raises ValueError for another iterator, and for fewer images than workers.
    """
    if SIZE == 1:
        return batches
    if not hasattr(batches, "part"):
        raise ValueError(f"train_iter must be Batches to be shared by {SIZE} workers, got {type(batches).__name__}")
    return batches.part(RANK, SIZE)


def agree(value):
    """Return what `value` is in worker 0."""
    if SIZE > 1:
        value = start().broadcast_object(value, root_rank=0)
        npx.waitall()  # worker 0 does not wait by itself; a second message of the same name would be lost
    return value


def same_weights(net):
    """Give all workers the weights and running statistics of worker 0."""
    if SIZE > 1:
        npx.waitall()
        parameters = net.collect_params()
        # copies by way of NumPy: oneDNN may hold the weights themselves in blocks, which Horovod cannot read
        copies = {name: np.array(p.data().asnumpy(), dtype=p.dtype) for name, p in parameters.items()}
        start().broadcast_parameters(copies, root_rank=0)
        npx.waitall()  # as in agree
        for name, value in copies.items() if RANK else ():
            parameters[name].set_data(value)


def wait():
    """Wait until all workers have come here: one that ends its process takes the others with it."""
    if SIZE > 1:
        start().allgather_object(RANK)


def total(sums):
    """Return the sum of an array over all workers."""
    if SIZE > 1:
        sums = sums.copy()
        start().allreduce_(sums, average=False)
    return sums
