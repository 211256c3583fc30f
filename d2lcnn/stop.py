"""The stop button of a notebook, Ctrl-C in a script: obeyed between two batches."""
import signal
import sys
import threading
from pathlib import Path

__all__ = ["StopButton"]

PACKAGE = str(Path(__file__).parent)


class StopButton:
    """While in use, the first press sets `pressed`, so that the batch at hand is finished; a second one raises
    KeyboardInterrupt, which ends the cell. So does the next training in the same loop of a cell or script: what was
    stopped is the loop. Only in the main thread and if no other handler of SIGINT is set; else nothing changes.
    """

    stops = 0  # trainings that a press has ended so far
    where = None  # the statement of a cell or script in which the last of them ran

    def __init__(self):
        self.pressed = False

    def __enter__(self):
        if StopButton.where and StopButton.where == _statement():
            raise KeyboardInterrupt("the training before this one was stopped, in the same loop")
        self.ours = (threading.current_thread() is threading.main_thread()
                     and signal.getsignal(signal.SIGINT) is signal.default_int_handler)
        if self.ours:
            signal.signal(signal.SIGINT, self._press)
        return self

    def _press(self, *_):
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __exit__(self, *_):
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.pressed:
            StopButton.stops, StopButton.where = StopButton.stops + 1, _statement()


def _statement():
    """The frame of the cell or script that called us, and the place in it; None if someone else's module called.

    IPython runs each statement of a cell, and each run of it, in a frame of its own: only a loop comes here twice.
    """
    frame, outermost = sys._getframe(1), None
    while frame:
        if frame.f_globals.get("__name__") == "__main__":
            outermost = frame
        elif not frame.f_code.co_filename.startswith(PACKAGE):
            break
        frame = frame.f_back
    return outermost and (outermost, outermost.f_lasti)
