"""What the body of a class of Ruby declares by calls: scopes, associations, attributes, and settings such as filters."""

import re
from typing import TYPE_CHECKING

from release_harness.steps.evidence.impact.expressions import dotted, text_of
from release_harness.steps.evidence.impact.extract.languages.syntax import Reader
from release_harness.steps.evidence.impact.facts import Expr, Parameter

if TYPE_CHECKING:
    from tree_sitter import Node

METHODS = frozenset({"scope", "define_method", "define_singleton_method"})
"""`scope :recent, -> { … }` makes a method of the class."""
BODIES = frozenset({"included", "prepended", "class_methods", "concerning", "helpers"})
"""Their block is read as if it stood in the class."""
TO_ONE = frozenset({"belongs_to", "has_one", "has_one_attached", "has_rich_text"})
TO_MANY = frozenset({"has_many", "has_and_belongs_to_many", "has_many_attached"})
ATTRIBUTES = frozenset({
    "attr_accessor", "attr_reader", "attr_writer", "cattr_accessor", "mattr_accessor", "class_attribute", "attribute", "delegate",
    "thread_mattr_accessor", "store_accessor",
})  # fmt: skip
_PLAIN = frozenset({
    "include", "extend", "prepend", "private", "public", "protected", "private_class_method", "public_class_method", "module_function",
    "private_constant", "alias_method", "require", "require_relative", "load", "autoload", "raise", "puts", "using",
})  # fmt: skip
"""Calls that are no settings of the class; what they name is read where they stand."""
_TASKS = frozenset({"task", "multitask"})
_ENHANCED = re.compile(r"""Rake::Task\[["':]+([\w:]+)["']?\]\Z""")
_SINGULAR = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("uses", "us"))


class RubyClasses(Reader):
    """Reads the calls in the body of a class, and the tasks of rake."""

    tasks_around: tuple[str, ...] = ()
    """Namespaces of rake around what is read."""

    def declaration(self, node: "Node") -> bool:
        """Read a call in the body of a class or a file; False when it is a call like any other."""
        if self.scope.in_function:
            return False
        name, receiver = node.child_by_field_name("method"), node.child_by_field_name("receiver")
        word = self.text(name) if name is not None else ""
        if not self.scope.prefix:
            return self._task(node, word, receiver)
        if receiver is not None:
            return False
        given = node.child_by_field_name("arguments")
        first = given.named_children[0] if given is not None and given.named_children else None
        if first is not None and first.type in {"method", "singleton_method"}:
            return False
        block = node.child_by_field_name("block")
        if word in BODIES and block is not None:
            body = block.child_by_field_name("body")
            if body is not None:
                self.block(body)
            return True
        key = text_of(self.expression(first)) if first is not None and first.type.endswith("symbol") else None
        if word in METHODS and key and given is not None:
            return self._method_of(node, key, block or given.named_children[-1])
        if word in TO_ONE | TO_MANY | ATTRIBUTES and key and given is not None:
            self._bind(node, word, key)
            return True
        if word and word not in _PLAIN and (given is not None or block is not None):
            self._setting(node, word, first)
            return True
        return False

    def _task(self, node: "Node", word: str, receiver: "Node | None") -> bool:
        """Add a symbol for `task :name do`, and for what is added to a task elsewhere; read what stands in a namespace."""
        block, given = node.child_by_field_name("block"), node.child_by_field_name("arguments")
        body = block.child_by_field_name("body") if block is not None else None
        if receiver is not None:
            named = _ENHANCED.match(self.text(receiver)) if word == "enhance" else None
            name = named.group(1) if named is not None else ""
        else:
            name = self._task_name(given) if word in _TASKS or word == "namespace" else ""
        if not name or body is None:
            return False
        if word == "namespace":
            before, self.tasks_around = self.tasks_around, (*self.tasks_around, name)
            self.block(body)
            self.tasks_around = before
            return True
        whole = ":".join((*self.tasks_around, name)) if receiver is None else name
        made = self.anonymous(f"task {whole}")
        qualname = self.scope.prefix + made
        outer = self.open("function", made, node)
        self.scope.flags.append(f"task:{whole}")
        self.block(body)
        self.close(outer)
        self.scope.do(node.start_point[0] + 1, ["y", qualname])
        return True

    def _task_name(self, given: "Node | None") -> str:
        first = given.named_children[0] if given is not None and given.named_children else None
        if first is not None and first.type == "pair":
            first = first.child_by_field_name("key")
        if first is None or first.type == "hash_key_symbol":
            return self.text(first) if first is not None else ""
        return text_of(self.expression(first)) or ""

    def _method_of(self, node: "Node", name: str, block: "Node") -> bool:
        """Add the method that a lambda or a block is the body of."""
        inner = block.child_by_field_name("body") if block.type == "lambda" else block
        if inner is None or inner.type not in {"block", "do_block"}:
            return False
        given = block if block.type == "lambda" else inner
        before = self.open("function", name.replace(".", "_"), node, parameters=self.parameters(given))
        self.scope.flags.append("scope")
        body = inner.child_by_field_name("body")
        if body is not None:
            self.block(body)
        self.close(before)
        return True

    def _bind(self, node: "Node", word: str, name: str) -> None:
        """Keep an association with the class it leads to, or attributes without one."""
        call = self.expression(node)
        line = node.start_point[0] + 1
        if word in ATTRIBUTES:
            names = [each for each in (text_of(one) for one in call[2]) if each]
            for each in names:
                self.scope.bind(line, ["n", each], call if each == names[0] else None)
            return
        said = text_of(call[3].get("class_name")) or dotted(call[3].get("class_name")).replace(".", "::")
        made = said or "".join(each.capitalize() for each in (singular(name) if word in TO_MANY else name).split("_"))
        kind: Expr | None = None
        for part in made.strip(":").split("::"):
            kind = ["n", part] if kind is None else ["a", kind, part]
        self.scope.bind(line, ["n", name], call, annotation=kind)

    def _setting(self, node: "Node", word: str, first: "Node | None") -> None:
        """Add a symbol for a line such as `before_action :authenticate, only: [:show]`, so that its change is its own."""
        said = self.text(first).lstrip(":").strip("\"'") if first is not None and first.type != "pair" else ""
        made = self.anonymous(f"{word} {said}" if said and "\n" not in said else word)
        qualname = self.scope.prefix + made
        before = self.open("function", made, node)
        self.scope.do(node.start_point[0] + 1, self.expression(node))
        self.close(before)
        self.scope.do(node.start_point[0] + 1, ["y", qualname])

    def parameters(self, node: "Node") -> list[Parameter]:
        """Return the parameters of a method or a block."""
        raise NotImplementedError


def singular(name: str) -> str:
    """Return the singular of an English noun as Rails makes it in the common cases."""
    for ending, instead in _SINGULAR:
        if name.endswith(ending):
            return name[: -len(ending)] + instead
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
