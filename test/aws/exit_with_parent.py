"""Runs a module as python -m does. Kills its process group when stdin closes, that is, when the parent exits for any reason."""

import os
import runpy
import signal
import sys
import threading


def leave() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=leave, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
