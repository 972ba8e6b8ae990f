"""The state of a trace: which test runs, which holders are open, and which functions started."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
from typing import TYPE_CHECKING, Any

from .collected import Collected
from .paths import Repository, code_of, qualified_name

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from .collected import Replaced


FUNCTIONS_LIMIT_COUNT = 400_000
_WAITING_LIMIT_COUNT = 200

_TOOL = "rh_tracer"
_TOOL_IDS = (4, 3, 2, 5)
"""Ids of sys.monitoring that no well-known tool claims come first (0 debuggers, 1 coverage, 2 profilers)."""

open_holders: contextvars.ContextVar[tuple[Holder, ...]] = contextvars.ContextVar("rh_tracer_holders", default=())


class Holder:
    """One request, command or task while it is dispatched; `seen` fills as functions start."""

    __slots__ = ("add", "entry", "merged_into", "raw", "replaced", "seen", "token")

    def __init__(self, kind: str, name: str, *, raw: bool = False) -> None:
        """`raw` says that the name is a path as it was asked, not the route that answered."""
        self.entry: tuple[str, str, int] = (kind, name, -1)
        self.raw = raw
        self.seen: set[int] = set()
        self.add = self.seen.add
        self.replaced: dict[Replaced, Any] = {}
        self.token: contextvars.Token[tuple[Holder, ...]] | None = None
        self.merged_into: list[Holder] = []

    def name_it(self, name: str, handler: Any = None, method: str = "") -> None:
        """Say which entry point this turned out to be, and what answers it."""
        number = -1
        with contextlib.suppress(Exception):
            code = code_of(handler, method) if handler is not None else None
            number = trace.number_of(code) if code is not None else -1
        self.entry = (self.entry[0], name[:500], number)
        self.raw = False


class Trace:
    """One trace of one process; the methods that hooks call never raise."""

    def __init__(self) -> None:
        """Nothing is watched before `start`."""
        self.repository = Repository(".")
        self.functions: list[tuple[str, str]] = []
        self.blobs: dict[str, str] = {}
        self.tests: dict[str, Collected] = {}
        self.between = Collected()
        """What ran outside of any test: imports, collection, the life of a service."""
        self.current = [self.between]
        self.cell: list[Callable[[int], None]] = [self.between.seen.add]
        self.active: dict[Replaced, None] = {}
        self.method = ""
        self.last_method = ""
        self.dropped_functions = 0
        self.faults: dict[str, int] = {}
        self.test_id = ""
        self._numbers: dict[tuple[str, str], int] = {}
        self._by_code: dict[int, int] = {}
        self._alive: list[types.CodeType] = []
        self._tool: int | None = None

    def start(self, root: str) -> None:
        """Begin to watch the starts of functions below `root`."""
        if self.method:
            return
        self.repository = Repository(root)
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is not None and self._start_monitoring(monitoring):
            self.method = "sys.monitoring"
            return
        self.method = "sys.setprofile"
        profile = self._make_profile()
        threading.setprofile(profile)
        sys.setprofile(profile)

    def _start_monitoring(self, monitoring: Any) -> bool:
        for number in _TOOL_IDS:
            try:
                monitoring.use_tool_id(number, _TOOL)
            except ValueError:
                continue
            self._tool = number
            monitoring.register_callback(number, monitoring.events.PY_START, self._make_on_start(monitoring.DISABLE))
            monitoring.set_events(number, monitoring.events.PY_START)
            return True
        return False

    def _make_on_start(self, disable: object) -> Callable[[types.CodeType, int], object]:
        by_code, cell, holders, learn, key_of = self._by_code, self.cell, open_holders.get, self.learn, id

        # Every start of a function pays for each step in here.
        def on_start(code: types.CodeType, _offset: int) -> object:
            try:
                number = by_code[key_of(code)]
            except KeyError:
                number = learn(code)
                if number < 0:
                    return disable
            cell[0](number)
            for holder in holders():
                holder.add(number)
            return None

        return on_start

    def _make_profile(self) -> Callable[[types.FrameType, str, object], None]:
        by_code, cell, holders, learn = self._by_code.get, self.cell, open_holders.get, self.learn
        foreign: set[str] = set()

        def profile(frame: types.FrameType, event: str, _argument: object) -> None:
            if event != "call":
                return
            code = frame.f_code
            number = by_code(id(code))
            if number is None:
                if code.co_filename in foreign:
                    return
                number = learn(code)
                if number < 0:
                    foreign.add(code.co_filename)
                    return
            cell[0](number)
            for holder in holders():
                holder.add(number)

        return profile

    def learn(self, code: types.CodeType) -> int:
        """Return the number of a function that was not seen before, or -1 when it is not of the repository."""
        try:
            path = self.repository.path_of(code.co_filename)
            if path is None:
                return -1
            if len(self._alive) >= FUNCTIONS_LIMIT_COUNT:
                self.dropped_functions += 1
                return -1
            if path not in self.blobs:
                self.blobs[path] = self.repository.blob_of(path)
            name = (path, qualified_name(code) if path.endswith((".py", ".pyi", ".pyw")) else "")
            number = self._numbers.get(name)
            if number is None:
                number = self._numbers[name] = len(self.functions)
                self.functions.append(name)
            # The id of a code object is its own only as long as it lives.
            self._alive.append(code)
            self._by_code[id(code)] = number
        except Exception as error:  # noqa: BLE001 - a fault here must not reach the tests
            self.fault(error)
            return -1
        return number

    def number_of(self, code: types.CodeType) -> int:
        """Return the number of a function whether it has started or not; -1 when it is not of the repository."""
        number = self._by_code.get(id(code))
        return self.learn(code) if number is None else number

    def stop(self) -> None:
        """Stop watching."""
        if self.method == "sys.setprofile":
            sys.setprofile(None)
            threading.setprofile(None)
        elif self._tool is not None:
            monitoring: Any = sys.__dict__["monitoring"]
            monitoring.set_events(self._tool, 0)
            monitoring.free_tool_id(self._tool)
            self._tool = None
        self.last_method, self.method = self.method, ""

    def forget(self) -> None:
        """Begin anew in a forked child: what the parent saw is the parent's to tell."""
        test_id = self.test_id
        self.tests = {}
        self.between.__init__()  # type: ignore[misc]
        self.current[:] = [self.between]
        self.cell[0] = self.between.seen.add
        if test_id:
            self.push(self.test(test_id))

    def test(self, test_id: str) -> Collected:
        """Return what is collected for a test."""
        collected = self.tests.get(test_id)
        if collected is None:
            collected = self.tests[test_id] = Collected()
        return collected

    def push(self, collected: Collected) -> None:
        """Count what starts from now on to this."""
        self.current.append(collected)
        self.cell[0] = collected.seen.add

    def pop(self, collected: Collected) -> None:
        """Go back to what was counted to before."""
        if len(self.current) > 1 and collected in self.current:
            while self.current.pop() is not collected:
                continue
        self.cell[0] = self.current[-1].seen.add
        if collected not in self.current:
            collected.rest()

    def open(self, kind: str, name: str, *, raw: bool = False) -> Holder | None:
        """Open a holder in this context; None when that failed."""
        try:
            holder = Holder(kind, name[:500], raw=raw)
            for each in self.active:
                holder.replaced[each] = each.uses()
            holder.token = open_holders.set((*open_holders.get(), holder))
        except Exception as error:  # noqa: BLE001 - see above
            self.fault(error)
            return None
        return holder

    def close(self, holder: Holder | None) -> None:
        """Close a holder and count it to the test that runs."""
        if holder is None:
            return
        try:
            self._close(holder)
        except Exception as error:  # noqa: BLE001 - see above
            self.fault(error)

    def _close(self, holder: Holder) -> None:
        if holder.token is not None:
            try:
                open_holders.reset(holder.token)
            except (ValueError, RuntimeError):
                # Closed in another context than it was opened in, such as a generator that somebody else drains.
                open_holders.set(tuple(each for each in open_holders.get() if each is not holder))
        for inner in holder.merged_into:
            inner.seen |= holder.seen
        if not holder.entry[1]:
            return
        details = self.current[-1].detail()
        details.waiting.append(holder)
        if len(details.waiting) > _WAITING_LIMIT_COUNT:
            details.settle()

    def replace(self, replaced: Replaced) -> None:
        """Note that something is replaced from now on; what pytest does to itself is nobody's mock."""
        if replaced.key[0].startswith("_pytest."):
            return
        self.active[replaced] = None
        self.current[-1].detail().replaced[replaced.key] = None
        for holder in open_holders.get():
            holder.replaced.setdefault(replaced, 0)

    def restore(self, replaced: Replaced) -> None:
        """Note that it is back in its place."""
        self.active.pop(replaced, None)

    def stub(self, name: str) -> None:
        """Note that a library stands in for the network in this test."""
        self.current[-1].detail().stubs[name] = None

    def socket(self, address: str) -> None:
        """Note that a real socket was connected; kinds of address only, and a few names."""
        kept = self.current[-1].detail().sockets
        if len(kept) < 20:  # noqa: PLR2004 - enough to see where it goes
            kept[address] = None

    def fault(self, error: BaseException) -> None:
        """Count a fault of the tracer; it is said in the map and nowhere else."""
        with contextlib.suppress(Exception):
            name = f"{type(error).__name__}: {error}"[:200]
            if name in self.faults or len(self.faults) < 20:  # noqa: PLR2004 - enough to mend them
                self.faults[name] = self.faults.get(name, 0) + 1


trace = Trace()
"""The one trace of this process."""
