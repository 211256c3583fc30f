"""The stop button of a notebook, Ctrl-C in a script, obeyed between two batches."""
import signal
import threading

__all__ = ["StopButton"]


class StopButton:
    """While in use, the first press sets `pressed`, so that the batch at hand is finished; a second raises
    KeyboardInterrupt. Only in the main thread and if no other handler of SIGINT is set; else nothing changes.
    """

    def __init__(self):
        self.pressed = False

    def __enter__(self):
        self.ours = (threading.current_thread() is threading.main_thread()
                     and signal.getsignal(signal.SIGINT) is signal.default_int_handler)
        if self.ours:
            signal.signal(signal.SIGINT, self._press)
        return self

    def _press(self, *_):
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def obey(self):
        """Raise KeyboardInterrupt if the button was pressed."""
        if self.pressed:
            raise KeyboardInterrupt

    def __exit__(self, *_):
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
