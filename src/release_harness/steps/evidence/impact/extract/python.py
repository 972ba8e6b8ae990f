"""Facts of a Python file: by the standard library's parser where it can, by tree-sitter where it cannot."""

import ast
import warnings

from release_harness.steps.evidence.impact.extract.python_statements import read_module
from release_harness.steps.evidence.impact.extract.scope import Reading, Scope
from release_harness.steps.evidence.impact.extract.source_text import decode
from release_harness.steps.evidence.impact.facts import FileFacts, Symbol


def extract_source(content: bytes) -> FileFacts:
    """Return the facts of Python source; never raises on what the source says."""
    text, guessed = decode(content)
    try:
        facts = by_syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as refused:
        facts = by_recovery(text, f"{type(refused).__name__}: {refused}")
    return facts._replace(encoding_guessed=guessed) if guessed else facts


def by_syntax_tree(text: str) -> FileFacts:
    """Return the facts that the host's own parser sees; raises what the parser raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    reading = Reading()
    scope = start_module(reading, text)
    read_module(tree, scope)
    return finish(reading, text, "ast")


def by_recovery(text: str, refused: str) -> FileFacts:
    """Return what tree-sitter sees; `refused` says why the host's parser did not read it."""
    from release_harness.steps.evidence.impact.extract.grammar import first_error, parse
    from release_harness.steps.evidence.impact.extract.recovered_statements import read_block

    reading = Reading()
    scope = start_module(reading, text)
    try:
        root = parse("python", text.encode("utf-8", "replace"))
    except ImportError as missing:
        facts = finish(reading, text, "")
        return facts._replace(problem=f"{refused}; {missing}")
    read_block(root, scope)
    facts = finish(reading, text, "tree-sitter")
    if root.has_error:
        return facts._replace(problem=facts.problem or f"syntax error in line {first_error(root)}", partial=True)
    return facts


def start_module(reading: Reading, text: str) -> Scope:
    """Open the module's own scope."""
    lines_count = count_lines(text)
    scope = Scope(reading, "", in_function=False)
    reading.symbols.append(
        Symbol(
            "",
            "module",
            1,
            1,
            lines_count,
            [],
            [],
            {},
            [],
            None,
            scope.imports,
            scope.body,
            scope.conditions,
            scope.flags,
        )
    )
    return scope


def count_lines(text: str) -> int:
    """Return how many lines a text has; at least one."""
    return text.count("\n") + (not text.endswith("\n")) if text else 1


def finish(reading: Reading, text: str, parser: str) -> FileFacts:
    """Return the facts of what was read."""
    problem = ""
    for lines, says in ((reading.too_deep, "nested too deeply"), (reading.not_understood, "not understood")):
        if lines:
            problem = f"{says} in line {lines[0]} ({len(lines)} in all)"
    exports = None if reading.exports_unclear else reading.exports
    return FileFacts("python", parser, problem, bool(problem), count_lines(text), reading.symbols, exports)
