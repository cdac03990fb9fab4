"""The settings of the daemon: where they come from, what is refused, and what is said of them."""
import os
import re
import signal
import socket
import stat
import subprocess

import grpc
import pytest

from client import Client
from craft import Segment
from daemon import BUILD, PATIENCE_S, ROOT, SANITIZER_OPTIONS, of_the_daemon, \
    free_port, wait_until
from golden import GOLDEN, SESSIONS, same


def mef3d(*words, env=None):
    """Run mef3d to its end: it asks for something else than serving, or is refused."""
    surroundings = {k: v for k, v in os.environ.items() if not of_the_daemon(k)}
    return subprocess.run([str(BUILD / "mef3d"), *map(str, words)], capture_output=True, text=True,
                          timeout=PATIENCE_S, env=surroundings | SANITIZER_OPTIONS | (env or {}))


def printed(*words, env=None):
    """What --print-config says: name -> (value, source); of a list the values together."""
    done = mef3d("--print-config", *words, env=env)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if not line.startswith("#"):
            name, value, source = re.fullmatch(r"([\w-]+) = (.*?) *; (.*)", line).groups()
            had = found[name][0] + "," if name in found else ""
            found[name] = (had + value, source)
    return found


@pytest.fixture
def settings_file(tmp_path):
    def write(*lines):
        path = tmp_path / "mef3d.conf"
        path.write_text("".join(line + "\n" for line in lines))
        return path

    return write


def test_the_reference_is_what_the_program_says():
    for what, path in (("man", "docs/mef3d.8"), ("markdown", "docs/CONFIGURATION.md")):
        said = mef3d(f"--print-reference={what}")
        assert said.returncode == 0
        assert said.stdout == (ROOT / path).read_text(), f"{path}: run make reference"


def test_help_names_every_setting():
    said = mef3d("--help").stdout
    assert set(re.findall(r"^  --([\w-]+)", said, re.M)) >= set(printed())


def test_a_flag_beats_the_environment_which_beats_the_file(settings_file):
    path = settings_file("# what this laboratory wants", "cache = 1G", "workers = 3",
                         "drain = 1m ; a minute")
    here = printed("--config", path, "--cache=2G", env={"MEF3D_CACHE": "3G", "MEF3D_WORKERS": "4-5"})
    assert here["cache"] == ("2G", "flag --cache")
    assert here["workers"] == ("4-5", "environment MEF3D_WORKERS")
    assert here["drain"] == ("1m", f"{path}:4")
    assert here["max-open"] == ("1024", "default")
    assert printed(env={"MEF3D_CONFIG": str(path)})["cache"] == ("1G", f"{path}:2")


def test_what_is_printed_is_a_settings_file_that_says_the_same(tmp_path, settings_file):
    words = ["--listen", "127.0.0.1:1,[::1]:2", "--listen", "unix:/x y", "/a", "/b,c", "--cache", "1.5G",
             "--drain", "250ms", "--path-map", "/=/host_root", "--workers=2-8", "--damage=ERROR"]
    done = mef3d("--print-config", *words)
    path = settings_file(done.stdout)
    again = printed("--config", path)
    assert {name: value for name, (value, _) in again.items()} == \
        {name: value for name, (value, _) in printed(*words).items()}
    assert again["listen"][0] == "127.0.0.1:1,[::1]:2,unix:/x y"
    assert again["cache"][0] == "1536M"


REFUSED = [
    # why, words, variables, what the one line on stderr has
    ("an unknown flag", ["--nonsense=1"], {}, "mef3d: --nonsense=1: no such flag"),
    ("a beginning of a flag", ["--work", "3"], {}, "mef3d: --work: no such flag"),
    ("a missing value", ["--cache"], {}, "mef3d: --cache: a value is missing"),
    ("an unknown variable", [], {"MEF3D_CASHE": "1G"}, "environment MEF3D_CASHE: no such setting"),
    ("a flag's value", ["--cache", "1M"], {}, "--cache: '1M' is not a size from 4M to 4T"),
    ("a range", ["--workers", "8-2"], {}, "--workers: '8-2' is not a number, or a range such as 2-8, "
     "from 0 to 256"),
    ("a duration", ["--drain", "2h"], {}, "--drain: '2h' is not a duration from 0 to 1h"),
    ("a choice", ["--damage", "x"], {}, "--damage: 'x' is not one of report, error"),
    ("a variable's value", [], {"MEF3D_PORT": "x"}, "environment MEF3D_PORT: 'x' is not a number "
     "from 0 to 65535"),
    ("another server's", [], {"TILE_CACHE_MB": "1"}, "environment TILE_CACHE_MB: '1M' is not a size"),
    ("a control character", ["--root=a\nb"], {}, "--root: the value has a control character"),
    ("no such file", ["--config", "/nonexistent"], {}, "settings file '/nonexistent': No such file"),
]


@pytest.mark.parametrize("why, words, env, said", REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_not_allowed_is_named_and_ends_with_2(why, words, env, said):
    for more in ([], ["--print-config"]):
        done = mef3d(*more, *words, env=env)
        assert done.returncode == 2, why
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""


WRONG_FILES = [
    # why, lines, what is said after the file's name
    ("an unknown key", ["", "chache = 1G"], ":2: chache: no such setting"),
    ("a value", ["workers = many"], ":1: workers: 'many' is not a number"),
    ("a key said twice", ["cache = 1G", "", "cache = 2G"], ":3: cache: said before, in line 1"),
    ("a section", ["[server]", "cache = 1G"], ":2: [server]: a settings file has no sections"),
    ("no value", ["cache = 1G", "drain"], ":2: not NAME = VALUE"),
    ("a long line", ["# x", "root = /" + "x" * 250, "nonsense"], ":2: the line is too long"),
    ("another server's file", ["{", '  "log_level": "INFO"', "}"], ":1: this is JSON; a settings "
     "file has lines such as: log-level = info"),
]


@pytest.mark.parametrize("why, lines, said", WRONG_FILES, ids=[row[0] for row in WRONG_FILES])
def test_a_wrong_file_is_named_by_line_and_ends_with_2(settings_file, why, lines, said):
    path = settings_file(*lines)
    done = mef3d("--config", path, "--print-config")
    assert done.returncode == 2, why
    assert f"mef3d: {path}{said}" in done.stderr


def test_a_list_counts_as_a_whole_from_its_strongest_source(settings_file):
    path = settings_file("root = /a", "root = /b", "listen = 127.0.0.1:1")
    assert printed("--config", path)["root"][0] == "/a,/b"
    assert printed("--config", path, env={"MEF3D_ROOT": "/c,/d"})["root"] == \
        ("/c,/d", "environment MEF3D_ROOT")
    assert printed("--config", path, "/e", "--root", "/f", env={"MEF3D_ROOT": "/c"})["root"][0] == \
        "/e,/f"


def test_the_names_of_the_python_servers_mean_what_they_meant():
    grid = printed(env={"PORT": "50052", "N_PREFETCH": "5", "N_PROCESS_WORKERS": "4",
                        "CACHE_CAPACITY_MULTIPLIER": "10"})
    assert grid["port"] == ("50052", "environment PORT")
    assert grid["n-prefetch"] == ("5", "environment N_PREFETCH")
    assert grid["workers"] == ("4", "environment N_PROCESS_WORKERS")
    by_range = printed(env={"TILE_CACHE_MB": "1024", "CACHE_TTL_S": "90.5", "READER_PROCESSES": "7",
                            "PREFETCH_AHEAD_WINDOWS": "3", "PREFETCH_BEHIND_WINDOWS": "0"})
    assert by_range["cache"] == ("1G", "environment TILE_CACHE_MB")
    assert by_range["cache-ttl"] == ("90500ms", "environment CACHE_TTL_S")
    assert by_range["workers"] == ("7", "environment READER_PROCESSES")
    assert by_range["prefetch-ahead-windows"][0] == "3"
    assert by_range["prefetch-behind-windows"][0] == "0"


def test_no_process_workers_is_one_worker_and_nothing_ahead():
    here = printed("--prefetch-behind-windows=2", env={"N_PROCESS_WORKERS": "0"})
    assert here["workers"] == ("1", "environment N_PROCESS_WORKERS")
    assert here["n-prefetch"] == ("0", "environment N_PROCESS_WORKERS")
    assert here["prefetch-ahead-windows"][0] == "0"
    assert here["prefetch-behind-windows"][0] == "2"


def test_a_port_counts_less_than_an_address_said_with_more_strength():
    assert printed("--listen=127.0.0.1:7", env={"PORT": "8"})["port"] == ("0", "default")
    assert printed(env={"PORT": "8", "MEF3D_LISTEN": "127.0.0.1:7"})["port"][0] == "8"


def test_names_without_a_meaning_are_explained_in_the_log(start, demo):
    without = {"CACHE_CAPACITY_MULTIPLIER": "3", "TILE_DURATION_S": "60", "USE_PROCESS_POOL": "1",
               "PREFETCH_PROCESSES": "2", "MIN_PARALLEL_TILES": "2"}
    daemon = start(demo.parent, env=without | {"MAX_WORKERS": "1", "N_PROCESS_WORKERS": "2"})
    for name in [*without, "MAX_WORKERS"]:
        assert len(re.findall(f'event=setting_without_meaning name={name} why="[^"]+"$',
                              daemon.log(), re.M)) == 1
    assert daemon.log().count("setting_without_meaning") == len(without) + 1


ONE = SESSIONS["one_channel"]


def serves(address, path="one_channel.mefd"):
    """A client of this address reads the recording as it is."""
    with Client(address) as client:
        info = client.open(path)
        assert info.file_opened, info.error_message
        assert info.file_path == path
        got = client.range(path, info.start_uutc, info.end_uutc).array
    return same(got.reshape(-1), (ONE.channels[0].counts * ONE.channels[0].factor).astype("<f4"))


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_several_addresses_are_served_at_once(start, tmp_path):
    path, ports = tmp_path / "mef3d.sock", [free_port(), free_port()]
    words = ["--listen", f"127.0.0.1:{ports[0]},unix:{path}"]
    addresses = [f"127.0.0.1:{ports[0]}", f"unix:{path}"]
    if has_ipv6():
        words += ["--listen", f"[::1]:{ports[1]}"]
        addresses += [f"[::1]:{ports[1]}"]
    daemon = start(GOLDEN, *words)
    addresses.append(daemon.address)
    for address in addresses:
        assert serves(address), address
    assert f"event=listening address={','.join(addresses)} " in daemon.log()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    daemon.stop()
    assert not path.exists()


def test_a_socket_that_nobody_listens_on_is_replaced(start, tmp_path):
    path = tmp_path / "mef3d.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    daemon = start(GOLDEN, "--listen", f"unix:{path}")
    assert serves(f"unix:{path}")
    daemon.stop()


def test_a_socket_that_somebody_listens_on_and_a_file_are_left_alone(tmp_path):
    path = tmp_path / "mef3d.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        done = mef3d(GOLDEN, "--listen", f"unix:{path}")
        assert done.returncode == 2
        assert "Address already in use; another process listens there" in done.stderr
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
    path.unlink()
    path.write_text("mine")
    assert mef3d(GOLDEN, "--listen", f"unix:{path}").returncode == 2
    assert path.read_text() == "mine"


def test_an_address_that_cannot_be_had_leaves_no_socket_behind(tmp_path):
    path = tmp_path / "mef3d.sock"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = mef3d(GOLDEN, "--listen", f"unix:{path},127.0.0.1:{port}")
        assert done.returncode == 2
        assert done.stderr == \
            f"mef3d: --listen '127.0.0.1:{port}': cannot listen on 127.0.0.1:{port}: " \
            "Address already in use; another process listens there: choose another address, or PORT\n"
        assert not path.exists()
        done = mef3d(GOLDEN, env={"PORT": str(port)})
        assert done.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("address, said", [
    ("nowhere at all", "give ADDRESS:PORT"), ("127.0.0.1:65536", "give ADDRESS:PORT"),
    ("127.0.0.1", "give ADDRESS:PORT"), ("::1:50051", "give ADDRESS:PORT"),
    ("unix:", "give unix:PATH"), ("unix:/" + "x" * 120, "give unix:PATH"),
    ("unix:/nonexistent/mef3d.sock", "No such file or directory; make the folder first"),
    ("192.0.2.1:50051", "Cannot assign requested address; this machine has no such address"),
    ("", "give at least one address"),
])
def test_an_address_that_is_none_is_named(address, said):
    done = mef3d(GOLDEN, "--listen", address)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_port_of_the_environment_is_served(start):
    port = free_port()
    daemon = start(GOLDEN, port=port, env={"PORT": str(port)})
    assert serves(daemon.address)


def test_a_path_map_finds_recordings_and_replies_keep_the_path_as_sent(start):
    daemon = start(GOLDEN, "--path-map", f"/data={GOLDEN}", "--path-map=/x=/etc")
    assert serves(daemon.address, "/data/one_channel.mefd")
    assert serves(daemon.address)
    with Client(daemon.address) as client:
        assert client.open("/data/none.mefd").error_message == "File does not exist: /data/none.mefd"
        assert client.open("/x/passwd").error_message == "File does not exist: /x/passwd"


@pytest.mark.parametrize("value", ["/data", "data=/x", "/data=x", "=/x"])
def test_a_path_map_that_is_none_is_named(value):
    done = mef3d(GOLDEN, "--path-map", value)
    assert done.returncode == 2
    assert done.stderr.startswith(f"mef3d: --path-map '{value}': give FROM=TO")


def reload(daemon):
    """Send SIGHUP, wait until the settings were read again; what was logged meanwhile."""
    before = daemon.log()
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: re.search("event=reload(ed|_failed)", daemon.log()[len(before):]),
               "the settings to be read again")
    return daemon.log()[len(before):]


def test_at_a_hang_up_the_file_counts_for_the_server_that_runs(start, copy, settings_file):
    path = copy("one_channel")
    Segment(path, "Cz").flip(2, 400)
    conf = settings_file("damage = report", "max-open = 5")
    daemon = start(copy.folder, "--config", conf)
    with Client(daemon.address) as client:
        info = client.open(str(path))
        assert client.range(path, info.start_uutc, info.end_uutc).damage
        settings_file("damage = error", "max-open = 1")
        log = reload(daemon)
        assert 'event=setting_changed name=damage value="error"' in log
        assert 'event=setting_changed name=max-open value="1"' in log
        assert f'event=reloaded file="{conf}" changed=2' in log
        # Sent before the request came, so it is there before it too.
        assert client.range(path, info.start_uutc, info.end_uutc).error
        with pytest.raises(grpc.RpcError) as refused:
            client.open(f"{path}/")
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        settings_file("damage = report")
        assert "changed=2" in reload(daemon)
        assert client.range(path, info.start_uutc, info.end_uutc).damage
        assert client.open(f"{path}/").file_opened


def test_a_flag_still_beats_the_file_at_a_hang_up(start, settings_file):
    conf = settings_file("drain = 10s")
    daemon = start(GOLDEN, "--config", conf, "--drain=20s")
    settings_file("drain = 40s")
    log = reload(daemon)
    assert "setting_changed" not in log and "changed=0" in log


def test_what_cannot_change_while_it_runs_is_said_and_stays(start, settings_file):
    conf = settings_file("cache = 32M")
    daemon = start(GOLDEN, "--config", conf)
    settings_file("cache = 64M", "root = /tmp", "log-level = debug")
    log = reload(daemon)
    assert re.findall(r"event=reload_needs_restart name=([\w-]+)", log) == ["cache"]
    assert re.findall(r"event=setting_changed name=([\w-]+)", log) == ["log-level"]


def test_a_faulty_file_changes_nothing(start, settings_file):
    conf = settings_file("drain = 10s")
    daemon = start(GOLDEN, "--config", conf)
    settings_file("drain = 20s", "max-open = none")
    log = reload(daemon)
    assert f"event=reload_failed reason=\"{conf}:2: max-open: 'none' is not a number" in log
    assert "setting_changed" not in log
    settings_file("drain = 20s")
    assert 'event=setting_changed name=drain value="20s"' in reload(daemon)
    assert serves(daemon.address)


def test_what_is_started_again_has_the_changed_settings(start, settings_file):
    conf = settings_file("max-open = 5")
    daemon = start(GOLDEN, "--config", conf)
    daemon.may_lose_processes = True
    settings_file("max-open = 7")
    reload(daemon)

    def servers():
        return [p.pid for p in daemon.family() if p.name == "mef3d-server"]

    old = servers()
    os.kill(old[0], signal.SIGKILL)
    wait_until(lambda: servers() and servers() != old, "a new server")
    with open(f"/proc/{servers()[0]}/cmdline", "rb") as words:
        assert b"--max-open=7" in words.read().split(b"\0")


def test_every_name_of_the_python_servers_is_in_the_migration_guide():
    reference = (ROOT / "docs" / "CONFIGURATION.md").read_text().split("## Names of the Python")[1]
    names = re.findall(r"^\| `(\w+)` \|", reference, re.M)
    assert len(names) == 15
    guide = (ROOT / "docs" / "MIGRATING.md").read_text()
    assert [name for name in names if name not in guide] == []
