"""What an expression stands for, as far as reading the code tells."""

from typing import NamedTuple


class Value(NamedTuple):
    """The thing that an expression names, and what it is an instance of."""

    symbol: str = ""
    """SymbolId when it is something of this repository: a function, class, module (`path:`), or a variable
    (`path:router`, `path:create_app.<locals>.app`, `path:Class.attribute`)."""
    external: str = ""
    """Dotted name when it comes from a library, as the library's users import it: `flask.Flask`, `fastapi.Depends`."""
    type: str = ""
    """For an instance: SymbolId of its class, or the dotted external name of it; a call of `fastapi.APIRouter()` bound to a
    module variable gives symbol `path:router` and type `fastapi.APIRouter`. Empty for functions, classes and what is not known."""
    text: str = ""
    """For a string constant, or a name bound once to one."""
    receiver: str = ""
    """For a method looked up on an instance or class: the class it was looked up on, when that is not the class that defines it."""
    item: str = ""
    """For what holds or gives others (list, dictionary values, iterator, context manager): type of those; `=` before it when they are
    that class or function itself."""
    via: str = ""
    """`self` when it is the receiver of the method, so that a subclass may stand in its place; `super` for `super()`;
    `library` for an attribute of something that came out of a library, which may be of this repository after all."""
    through: str = ""
    """Variable of this repository by which it was named, when `symbol` is another."""
    others: tuple["Value", ...] = ()
    """What else it may be: the other branches of a union or of several assignments."""

    @property
    def known(self) -> bool:
        """Whether reading the code told anything."""
        return bool(self.symbol or self.external or self.type or self.text)


UNKNOWN = Value()
