"""Images per second of ResNet-18 on 32 x 32 pixels, by one process and by two (notebook 18); needs make horovod.

Every run trains two epochs on 768 clothes; the second one counts. The variants take turns, three times.
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
train_iter, _ = d2lcnn.load_data_fashion_mnist({batch}, 32, examples=768)
history = d2lcnn.fit(resnet18(), (train_iter, None), 2, 0.01, show=False)
if not workers.RANK:
    print("images/s", history.images_per_s[-1])
"""
VARIANTS = {  # name: (processes, threads of each, images per step of each)
    "one process, one core": (1, 1, 64), "one process, two cores": (1, 2, 64), "two processes, weak": (2, 1, 64),
    "two processes, strong": (2, 1, 32)}


def run(variant, repeat):
    processes, threads, batch = VARIANTS[variant]
    program = [sys.executable, "-c", TRAIN.format(batch=batch)]
    if processes > 1:
        program = [Path(sys.executable).with_name("horovodrun"), "-np", str(processes), *program]
    found = subprocess.run(program, env=os.environ | {"OMP_NUM_THREADS": str(threads)}, text=True, capture_output=True)
    if found.returncode:
        raise RuntimeError(f"{variant} ended with an error: {found.stderr}")
    rate = float(found.stdout.split("images/s")[1].split()[0])
    return {"processes": processes, "threads": threads, "batch": batch, "images_per_s": round(rate, 1)}


run_experiment([{"variant": name, "repeat": i} for i in range(3) for name in VARIANTS], run)
