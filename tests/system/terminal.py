"""The command mef3 on a terminal of its own."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

from daemon import BUILD, PATIENCE_S, SANITIZER_OPTIONS, of_the_daemon


class Terminal:
    """A process whose standard streams are a terminal, but for those that are given."""

    def __init__(self, *words, columns=80, env=None, program=BUILD / "mef3", **streams):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        # As a shell leaves it to a program.
        self.settings = termios.tcgetattr(slave)
        surroundings = {k: v for k, v in os.environ.items()
                        if not of_the_daemon(k) and k != "NO_COLOR"}
        surroundings |= SANITIZER_OPTIONS | {"TERM": "xterm"} | (env or {})

        def take_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([str(program), *map(str, words)], env=surroundings,
                                        preexec_fn=take_terminal, pass_fds=[slave],
                                        **{"stdin": slave, "stdout": slave, "stderr": slave} | streams)
        os.close(slave)

    def read(self):
        """What it shows until it has ended."""
        shown = b""
        while select.select([self.master], [], [], PATIENCE_S)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # nobody has the other end any more
                break
            shown += piece
        self.process.wait(PATIENCE_S)
        os.close(self.master)
        return shown.replace(b"\r\n", b"\n")


def show(*words, **options):
    """(exit status, what a terminal was told) of a command run to its end."""
    terminal = Terminal(*words, **options)
    shown = terminal.read()
    return terminal.process.returncode, shown
