"""The two readers of Python give one schema, so they have to give one answer."""

import ast
import sysconfig
from pathlib import Path

import pytest

from release_harness.steps.evidence.impact.extract.python import by_recovery, by_syntax_tree
from release_harness.steps.evidence.impact.extract.source_text import decode

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_both_readers_agree_on_the_standard_library(part: int) -> None:
    """Slow, because it reads hundreds of files twice: which reader was at work must not show in any fact, line or order."""
    compared_count = 0
    for path in sorted(STANDARD_LIBRARY.rglob("*.py"))[part * 3 :: 40]:
        if "site-packages" in path.parts or path.stat().st_size > 200_000:
            continue
        text = decode(path.read_bytes()).text
        try:
            expected = by_syntax_tree(text)
        except (SyntaxError, ValueError):
            continue
        found = by_recovery(text, "asked")
        compared_count += 1
        if found.partial:
            continue
        assert found._replace(parser="ast") == expected, path
    assert compared_count >= 20


@pytest.mark.parametrize(
    "source",
    [
        "x = [*a.b, *c(1), *d[0], *e + f]\nf(*a.b, **c.d)\nreturn_ = (*a, b)\n",
        "for (a) in b: pass\nfor (a,) in b: pass\nwith (a as b, c()): pass\nwith (yield_): pass\n",
        "type(x).__doc__ = 'words'\ntype = 3\nmatch = 4\nprint(match, type)\n",
        "f(a for a in b)\nf((a for a in b), c)\nlambda *a, b=1, **c: a\nx = y if z else w\n",
        (
            "match x, y:\n    case (A.b |\n        C.d): pass\n    case A(1, b=str() as c) if d: pass\n"
            "    case -1 | 'a' 'b': pass\n    case (E() | F()) as g: pass\n    case _: pass\n"
        ),
        "try: pass\nexcept* (A, B) as e: pass\n",
        "x = a if b else (c if d else e)\ny = [f] if g else []\nz = None if h else i\nw = 1 if 2 else 3\n",
        "x = a | b & c | ~d\ny: int | None = e | (f | g)\ndef h(i: 'j | k', l: m[n | o]) -> p | None: ...\n",
        "a: b[c] | d | None\ne: (f | g[h]) | i | (j | k)\nl: m | n[o] | p\nq: r[s] | (t | u[v])\n",
        "a().b(\n  c(\n    d)).e(\n)\n(\n  f()\n)\nx = (\n  g()\n)\n",
        "x: int\nx: 'a.B[C]' = d\nself.x: 'Y' = 1\n(x): int = 1\n",
        "a[1], a[1,], a[1:2], a[:, None], a[b, *c]\n",
        "async def f():\n    async for x in y: await z\n    async with a as b: pass\n    return [i async for i in j if await k]\n",
        'f"a{b!r:{c}}{d=}" f"{e}" "g"\nx = f"""\n{f(1)}\n{g(\n2)}\n"""\nrf"\\d{{{x}}}"\nf"\\N{EM DASH}{x}"\n',
        "del a, b.c, d[0]\nassert a, b\nraise A from b\nglobal q\n",
        "def f(a, b=(1, 2), *, c: 'D[E]' = None): ...\n",
        "ﬁ = 1\nx = ﬁ.ªb\n",
    ],
)
def test_both_readers_agree_on_odd_code(source: str) -> None:
    """Each of these was read differently once, or is where the grammar and Python part."""
    ast.parse(source)
    assert by_recovery(source, "asked")._replace(parser="ast") == by_syntax_tree(source)
