"""Images per second of ResNet-18 on 32 x 32 pixels, by one process and by two (notebook 18); needs make horovod.

Every run trains three epochs on 1,024 clothes; the faster of the last two counts. The variants take turns, three times.
`batch` is the number of images per step and process, `threads` the cores that each process computes with.
"""
import os
import subprocess
import sys
from pathlib import Path

from d2lcnn import run_experiment

TRAIN = """
import d2lcnn
from d2lcnn import workers
from d2lcnn.models.resnet import resnet18
train_iter, _ = d2lcnn.load_data_fashion_mnist({batch}, 32, examples=1024)
history = d2lcnn.fit(resnet18(), (train_iter, None), 3, 0.01, show=False)
if not workers.RANK:
    print("images/s", max(history.images_per_s[1:]))
"""
VARIANTS = [  # processes, threads, batch
    (1, 1, 64), (1, 2, 64), (2, 1, 64), (2, 1, 32), (1, 1, 256), (1, 2, 256), (1, 2, 512), (2, 1, 256)]


def run(processes, threads, batch, repeat):
    program = [sys.executable, "-c", TRAIN.format(batch=batch)]
    if processes > 1:
        program = [Path(sys.executable).with_name("horovodrun"), "-np", str(processes), *program]
    found = subprocess.run(program, env=os.environ | {"OMP_NUM_THREADS": str(threads)}, text=True, capture_output=True)
    if found.returncode:
        raise RuntimeError(f"{processes} processes ended with an error: {found.stderr}")
    return {"images_per_s": round(float(found.stdout.split("images/s")[1].split()[0]), 1)}


run_experiment([{"processes": processes, "threads": threads, "batch": batch, "repeat": i}
                for i in range(3) for processes, threads, batch in VARIANTS], run)
