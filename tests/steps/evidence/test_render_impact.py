"""How the answer about a change reads: nothing twice, nothing cut in the middle, nothing wider than the terminal."""

from dataclasses import replace

from release_harness.kernel.operations import View
from release_harness.steps.evidence.model.impact import (
    AffectedEntry,
    ChangedSymbol,
    CrossCutting,
    EntryPoint,
    Guard,
    GuardChange,
    GuardMove,
    Hop,
    ImpactAnswer,
    Label,
    Side,
    SymbolChange,
)
from release_harness.steps.evidence.model.reading import Counts
from release_harness.steps.evidence.operations.impact import ImpactOutput, impact_text
from release_harness.steps.evidence.render.affected import name_of, way_text
from release_harness.steps.evidence.render.impact import crossing_texts, impact_lines, summary, touches_lines

VIEW = View(width=80)


def entry(name: str) -> EntryPoint:
    """Return a route."""
    return EntryPoint(kind="http", name=name, framework="fastapi", handler="a.py:f", path="a.py", line=1)


def affected(name: str, handler: str, end: str) -> AffectedEntry:
    """Return a route whose handler runs a changed function, or is one."""
    way = tuple(Hop(symbol=each, path="a.py", line=2, reason="calls") for each in (handler, end) if each)
    return AffectedEntry(
        entry=replace(entry(name), handler=handler),
        label=Label.RESOLVED,
        side=Side.BOTH,
        way=way,
        changed=(end or handler,),
    )


def around(name: str, reason: str = "reached by 79 of 144 entry points") -> CrossCutting:
    """Return a symbol that stands around 79 routes."""
    return CrossCutting(reason=reason, symbol=f"app/deep.py:{name}", entries_count=79, kinds=("http",))


def test_symbols_around_the_same_entry_points_are_told_in_one_line() -> None:
    """Ten lines that say `reached by 79 of 144` hide the one that says something else."""
    answer = ImpactAnswer(
        counts=Counts(files_count=1),
        cross_cutting=(*(around(f"f{number}") for number in range(9)), around("load_user", "auth loader")),
    )
    told = " ".join(" ".join(impact_lines(answer, (), VIEW, everything=False)).split())

    assert "f0 of app/deep.py, f1, f2, f3, f4 and 4 more: reached by 79 of 144 entry points (http)" in told
    assert "load_user of app/deep.py: auth loader, 79 entry points (http)" in told
    whole = "\n".join(impact_lines(answer, (), VIEW, everything=True))
    assert all(f"f{number} of app/deep.py" in whole for number in range(9))


def test_no_lost_guard_is_cut_in_the_middle() -> None:
    """The reason of a removed guard is the line that a reviewer needs; a list is cut between its members."""
    lost = tuple(
        GuardChange(
            entry=entry(f"GET /items/{number}"),
            move=GuardMove.REMOVED,
            guard=Guard(name="login_required", source="decorator"),
            now=(),
            because="@login_required of app/some/long/path/of/a/module.py:10 is gone, and nothing stands there now",
        )
        for number in range(14)
    )
    different = tuple(replace(each, because=f"{each.because} {each.entry.name}") for each in lost)
    told = "\n".join(impact_lines(ImpactAnswer(counts=Counts(), guards=different), (), VIEW, everything=False))

    assert told.count("REMOVED") == 12
    assert " ".join(told.split()).count("nothing stands there now") == 12
    assert "+ 2 more; see --all" in told

    alike = " ".join(
        "\n".join(impact_lines(ImpactAnswer(counts=Counts(), guards=lost), (), VIEW, everything=False)).split()
    )
    assert alike.count("REMOVED") == 1
    assert all(f"GET /items/{number}" in alike for number in range(12))
    assert "and 2 more: @login_required" in alike


def test_a_guard_that_was_added_to_many_is_told_once() -> None:
    """A guard of the whole application is one change, not one for each of its routes."""
    added = tuple(
        GuardChange(
            entry=entry(f"GET /items/{number}"),
            move=GuardMove.ADDED,
            guard=Guard(name="WriteGuard", source="settings"),
            now=(),
            because="WriteGuard (app.py:3) stands before it now",
        )
        for number in range(131)
    )
    answer = ImpactAnswer(counts=Counts(), guards=added)
    told = " ".join("\n".join(impact_lines(answer, (), VIEW, everything=False)).split())

    assert (
        "added WriteGuard stands before 131 entry points now: GET /items/0, GET /items/1, GET /items/2 and 128 more"
        in told
    )


def test_a_reason_why_nothing_is_known_is_said_once() -> None:
    """The section below the sentence says it with all the others."""
    told = "\n".join(impact_lines(ImpactAnswer(counts=Counts(), unknown=("a.py is odd",)), (), VIEW, everything=False))

    assert told.count("a.py is odd") == 1
    assert "is not known." in told


def test_lines_stay_within_the_terminal() -> None:
    """Whole commit ids and long addresses made the two widest lines of a real answer."""
    answer = ImpactAnswer(counts=Counts(), entries_added=(entry("GET /" + "part/" * 12 + "of/an/address"),))
    output = ImpactOutput(
        revision=f"{'a' * 40}..{'b' * 40}", base="a" * 12, head="b" * 12, answer=answer, walked=(), shown_whole=False
    )
    told = impact_text(output, VIEW).splitlines()

    assert told[0] == f"{'a' * 12}..{'b' * 12}"
    assert max(map(len, told)) <= 80


def test_what_may_be_affected_is_named_where_nothing_is_sure() -> None:
    """A count alone tells a reviewer nothing; beside what is sure the guesses stay a count."""
    may = [
        AffectedEntry(entry=entry(f"GET /items/{number}"), label=Label.POSSIBLE, side=Side.BOTH, way=(), changed=())
        for number in range(9)
    ]
    told = "\n".join(
        impact_lines(
            ImpactAnswer(counts=Counts(), affected=tuple(may)), (), View(width=80, unicode=True), everything=False
        )
    )
    assert "+ 9 possible, by ways that are not sure: http GET /items/0, http GET /items/1," in " ".join(told.split())
    assert "GET /items/5, …; see --all" in " ".join(told.split())
    assert "GET /items/6" not in told

    sure = AffectedEntry(entry=entry("GET /sure"), label=Label.RESOLVED, side=Side.BOTH, way=(), changed=("a.py:f",))
    told = "\n".join(impact_lines(ImpactAnswer(counts=Counts(), affected=(sure, *may)), (), VIEW, everything=False))
    assert "+ 9 possible, by ways that are not sure; see --all" in told
    assert "GET /items/0" not in told


def test_what_is_possibly_reached_says_so() -> None:
    """A share of all entry points by guesses must not read like a share that is certain."""
    guess = CrossCutting(
        reason="reached by 79 of 144 entry points", symbol="a.py:f", entries_count=79, kinds=(), label=Label.POSSIBLE
    )

    assert crossing_texts([guess], everything=False) == ["f of a.py: possibly reached by 79 of 144 entry points"]


def test_a_symbol_that_stands_around_in_several_ways_is_told_in_one_line() -> None:
    """Three lines about one class, each with other counts, read like three changes."""
    found = (around("Trino"), around("Trino", "auth loader"), around("Other", "auth loader"))
    texts = crossing_texts(found, everything=False)

    assert texts == [
        "Trino of app/deep.py: reached by 79 of 144 entry points (http); auth loader, 79 entry points (http)",
        "Other of app/deep.py: auth loader, 79 entry points (http)",
    ]
    assert "2 changed symbols around" in summary(ImpactAnswer(counts=Counts(files_count=1), cross_cutting=found))


def test_a_module_without_entry_points_stands_around_none() -> None:
    """Settings of a linter and pages of a front end filled the section about what everybody runs through."""
    none = CrossCutting(reason="statements that run on import", symbol="conf/lint.js:", entries_count=0, kinds=())

    assert crossing_texts([none], everything=False) == []
    assert crossing_texts([none], everything=True) == [
        "conf/lint.js: statements that run on import, no entry point of its own"
    ]


def route(verb: str, address: str, symbol: str = "views.py:Items", line: int = 3) -> AffectedEntry:
    """Return a route of a viewset that surely runs a changed function."""
    name = f"{verb} {address}"
    at = EntryPoint(kind="http", name=name, framework="rest", handler="views.py:Items", path="urls.py", line=1)
    way = (
        Hop(symbol="views.py:Items", path="urls.py", line=1, reason="runs"),
        Hop(symbol=symbol, path="views.py", line=line, reason="refers to"),
    )
    return AffectedEntry(
        entry=at, label=Label.RESOLVED, side=Side.BOTH, way=way, changed=(symbol, "a.py:one", "a.py:two", "a.py:three")
    )


def test_the_routes_of_one_viewset_are_told_together() -> None:
    """Twelve routes that run a change by one way were twelve paragraphs that said the same."""
    found = (
        route("PUT", "/items/<pk>/"),
        route("GET", "/items/<pk>/"),
        route("GET", "/carts/", symbol="carts.py:total"),
        route("POST", "/items/"),
    )
    told = "\n".join(impact_lines(ImpactAnswer(counts=Counts(), affected=found), (), VIEW, everything=False))

    assert "  http POST /items/; GET, PUT /items/<pk>/ [resolved]\n" in told
    assert told.count("[resolved]") == 2
    assert "and one, two + 1 more changed symbol" in told


def test_what_is_left_out_is_counted_in_entry_points() -> None:
    """Thirteen groups of two are not thirteen entry points."""
    found = tuple(route(verb, "/a/", f"a.py:f{at}", at) for at in range(13) for verb in ("GET", "PUT"))
    told = "\n".join(impact_lines(ImpactAnswer(counts=Counts(), affected=found), (), VIEW, everything=False))
    assert "+ 2 more; see --all" in told

    short = "\n".join(touches_lines(ImpactAnswer(counts=Counts(), affected=found), (), VIEW))
    assert "+ 18 more; see `rh impact`" in short


def test_a_handler_that_changed_itself_says_where() -> None:
    """Whoever reads the name of a handler wants to open it."""
    changed = ChangedSymbol(symbol="a.py:f", change=SymbolChange.BODY, path="a.py", line=7, kind="function")
    way = (Hop(symbol="a.py:f", path="urls.py", line=1, reason="runs"),)
    itself = AffectedEntry(entry=entry("GET /a"), label=Label.RESOLVED, side=Side.BOTH, way=way, changed=("a.py:f",))
    answer = ImpactAnswer(counts=Counts(), affected=(itself,), changed=(changed,))
    assert "      f (a.py:7)" in impact_lines(answer, (), VIEW, everything=False)


def test_addresses_of_regular_expressions_read_like_addresses() -> None:
    """`(?P<database>[^\\/\\.]+)` is how a router reads an address; people read its name."""
    answer = ImpactAnswer(counts=Counts(), entries_added=(entry(r"ANY /(?P<name>[^\/\.]+)/edit"),))
    assert "  + http ANY /<name>/edit (a.py:1); no guard is seen" in impact_lines(answer, (), VIEW, everything=False)


def test_the_denominators_stay_within_the_terminal() -> None:
    """They are indented after they were laid out."""
    counts = Counts(
        files_count=745, files_parsed_count=745, files_partial_count=1, symbols_count=11536, edges_count=121180,
        calls_count=59258, unresolved_calls_count=16416, module_level_languages=("javascript", "typescript"),
    )  # fmt: skip
    assert max(map(len, impact_lines(ImpactAnswer(counts=counts), (), VIEW, everything=False))) <= 80


def test_a_registration_reads_as_no_call() -> None:
    """A handler does not call the function that registers it, and an arrow would say so."""
    way = (
        Hop(symbol="a.py:Page", path="app.py", line=1, reason="runs"),
        Hop(symbol="app.py:App.routes", path="app.py", line=9, reason="is registered by"),
    )
    one = AffectedEntry(
        entry=entry("GET /a"), label=Label.RESOLVED, side=Side.BOTH, way=way, changed=("app.py:App.routes",)
    )
    told = impact_lines(ImpactAnswer(counts=Counts(), affected=(one,)), (), VIEW, everything=False)
    assert "      Page, registered by App.routes (app.py:9)" in told


def test_a_function_inside_another_is_named_without_marks() -> None:
    """What a language calls `<locals>` says nothing to a reader."""
    assert name_of("a.ts:Users.find.<locals>.<map>") == "Users.find.<map>"
    assert name_of("a.ts:") == "a.ts"


def hop(symbol: str, line: int = 0) -> Hop:
    """Return one step of a way."""
    return Hop(symbol=symbol, path=symbol.partition(":")[0], line=line, reason="calls")


def test_what_is_written_inside_another_is_named_without_it() -> None:
    """Reactive code is lambdas in lambdas; their full names say the same thing three times."""
    way = (hop("A.java:A.save"), hop("A.java:A.save.<locals>.<map>"), hop("B.java:B.make.<locals>.inner", 7))
    assert way_text(way, VIEW, {}) == "A.save → <map> → B.make.inner (B.java:7)"


def test_routes_that_end_at_the_same_change_are_told_with_the_first() -> None:
    """Forty lists that all go through one search hid the command and the schedule that run it too."""
    lists = [affected(f"GET /list/{number}", f"a.py:list_{number}", "b.py:search") for number in range(9)]
    other = affected("GET /other", "a.py:other", "b.py:filter")
    answer = ImpactAnswer(counts=Counts(files_count=1), affected=(*lists, other))
    told = "\n".join(impact_lines(answer, (), VIEW, everything=False))

    assert "so do GET /list/1; GET /list/2; GET /list/3; GET /list/4; 4 more addresses" in " ".join(told.split())
    assert "GET /other" in told
    assert "so do 8 others" in " ".join(" ".join(touches_lines(answer, (), VIEW)).split())
    six = ImpactAnswer(counts=Counts(files_count=1), affected=tuple(lists[:6]))
    assert "GET /list/4; 1 more address\n" in "\n".join(impact_lines(six, (), View(width=200), everything=False)) + "\n"
    two = ImpactAnswer(counts=Counts(files_count=1), affected=tuple(lists[:2]))
    assert "so does 1 other" in " ".join(" ".join(touches_lines(two, (), VIEW)).split())


def test_a_new_route_is_told_once_and_with_its_guards() -> None:
    """Whoever opens a new address is asked first who may come in."""
    open_route, closed = (
        entry("GET /open"),
        replace(entry("GET /closed"), guards=(Guard(name="login", source="decorator"),)),
    )
    answer = ImpactAnswer(
        counts=Counts(files_count=1),
        affected=(affected("GET /open", "a.py:f", ""), affected("GET /old", "a.py:old", "")),
        entries_added=(open_route, closed),
    )
    told = "\n".join(impact_lines(answer, (), VIEW, everything=False))

    assert "+ http GET /open (a.py:1); no guard is seen" in told
    assert "+ http GET /closed (a.py:1); guards: login" in told
    assert told.count("GET /open") == 1
    assert "new, and no guard is seen before: http GET /open" in "\n".join(touches_lines(answer, (), VIEW))


def test_guesses_about_many_entry_points_share_a_line() -> None:
    """Eight lines that each begin with `possibly` hide the one that is certain."""
    guesses = [
        CrossCutting(
            reason=f"reached by {count} of 144 entry points", symbol=f"a.py:f{count}", entries_count=count, kinds=("http",), label=Label.POSSIBLE,
        )
        for count in (77, 75, 65)
    ]  # fmt: skip
    assert crossing_texts([*guesses, around("sure")], everything=False) == [
        "f77 of a.py, f75 and f65: possibly reached by 65 to 77 of 144 entry points (http)",
        "sure of app/deep.py: reached by 79 of 144 entry points (http)",
    ]
    assert len(crossing_texts(guesses, everything=True)) == 3


def test_addresses_that_differ_in_their_pattern_alone_show_it() -> None:
    """`+ /<name>` and `- /<name>` beside each other say nothing."""
    answer = ImpactAnswer(
        counts=Counts(), entries_added=(entry(r"ANY /(?P<x>\w+)"),), entries_removed=(entry(r"ANY /(?P<x>\d+)"),)
    )
    told = "\n".join(impact_lines(answer, (), VIEW, everything=False))
    assert r"  + http ANY /(?P<x>\w+) (a.py:1)" in told
    assert r"  - http ANY /(?P<x>\d+) (a.py:1)" in told
