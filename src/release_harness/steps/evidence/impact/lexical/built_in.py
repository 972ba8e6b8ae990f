"""What a language brings along: names that every module has, what holds others, and what the methods of that give."""

from release_harness.steps.evidence.impact.facts import Expr
from release_harness.steps.evidence.impact.values import UNKNOWN, Value

ECMASCRIPT_NAMES = frozenset({
    "AbortController", "AbortSignal", "Array", "ArrayBuffer", "BigInt", "Blob", "Boolean", "Buffer", "DataView", "Date", "Error",
    "EvalError", "Event", "EventTarget", "File", "FinalizationRegistry", "Float32Array", "Float64Array", "FormData", "Function",
    "Headers", "Infinity", "Int16Array", "Int32Array", "Int8Array", "Intl", "JSON", "Map", "Math", "NaN", "Number", "Object",
    "Promise", "Proxy", "RangeError", "ReadableStream", "ReferenceError", "Reflect", "RegExp", "Request", "Response", "Set",
    "SharedArrayBuffer", "String", "Symbol", "SyntaxError", "TextDecoder", "TextEncoder", "TransformStream", "TypeError",
    "URIError", "URL", "URLSearchParams", "Uint16Array", "Uint32Array", "Uint8Array", "WeakMap", "WeakRef", "WeakSet",
    "WebSocket", "WritableStream", "XMLHttpRequest", "alert", "atob", "btoa", "cancelAnimationFrame", "clearImmediate",
    "clearInterval", "clearTimeout", "confirm", "console", "crypto", "customElements", "decodeURI", "decodeURIComponent",
    "document", "encodeURI", "encodeURIComponent", "eval", "fetch", "globalThis", "history", "isFinite", "isNaN",
    "localStorage", "location", "matchMedia", "navigator", "parseFloat", "parseInt", "performance", "process", "queueMicrotask",
    "requestAnimationFrame", "require", "sessionStorage", "setImmediate", "setInterval", "setTimeout", "structuredClone",
    "window",
    # What the usual test runners add.
    "afterAll", "afterEach", "beforeAll", "beforeEach", "describe", "expect", "it", "jest", "test", "vi",
})  # fmt: skip
"""Names that modules of JavaScript and TypeScript use without importing them."""

WRAPPERS = frozenset({
    "Promise", "Observable", "Readonly", "Partial", "Required", "NonNullable", "Optional", "Mono", "ResponseEntity",
    "CompletableFuture", "Awaited", "PromiseLike",
})  # fmt: skip
"""Types that stand for what is in them: it is awaited or unwrapped before anybody uses it."""

GO_NAMES = frozenset({
    "<-", "any", "append", "bool", "byte", "cap", "clear", "close", "comparable", "complex", "complex128", "complex64", "copy", "delete",
    "error", "float32", "float64", "imag", "int", "int16", "int32", "int64", "int8", "iota", "len", "make", "max", "min", "new",
    "panic", "print", "println", "real", "recover", "rune", "string", "uint", "uint16", "uint32", "uint64", "uint8", "uintptr",
})  # fmt: skip
"""Names that every file of Go has."""
ARRAY = "Array"
SLICE, GO_MAP, CHANNEL = "[]", "map[]", "chan"
"""How slices, maps and channels of Go are named; no type of anybody can have such a name."""
_LISTS = frozenset(
    {
        "Array",
        "ReadonlyArray",
        "List",
        "ArrayList",
        "Set",
        "ReadonlySet",
        "Collection",
        "Iterable",
        "Flux",
        SLICE,
        CHANNEL,
    }
)
_MAPPINGS = frozenset({"Map", "ReadonlyMap", "Record", "HashMap", "WeakMap", GO_MAP})
_GIVES_ITEM = frozenset(
    {"at", "find", "findLast", "get", "getFirst", "getLast", "pop", "shift", "first", "next", "remove"}
)
_GIVES_ITSELF = frozenset(
    {"filter", "slice", "sort", "concat", "reverse", "splice", "toSorted", "toReversed", "values"}
)
_GIVES_ARRAY = frozenset({"map", "flatMap", "flat", "keys", "entries"})
_MAKES_ARRAY = frozenset({"Object.values", "Object.keys", "Object.entries", "Array.from", "Array.of"})


def held_type(annotation: Expr) -> tuple[str, Expr] | None:
    """Return (name of the container, type of what it holds) of a generic annotation, or None when it is no container."""
    if annotation[0] != "i" or annotation[1][0] != "n":
        return None
    name, inner = str(annotation[1][1]), annotation[2]
    if name in _LISTS:
        return name, inner
    if name in _MAPPINGS and inner[0] == "l" and len(inner[1]) == 2:  # noqa: PLR2004 - key and value
        return name, inner[1][1]
    return None


def is_container(name: str) -> bool:
    """Tell whether a type is one that holds others."""
    return name in _LISTS or name in _MAPPINGS


def given_by(base: Value, method: str) -> Value:
    """Return what a method of a container gives; what is computed from its items is not known."""
    if method in _GIVES_ITEM:
        return Value(type=base.item) if base.item else UNKNOWN
    if method in _GIVES_ITSELF:
        return Value(type=ARRAY if base.type in _LISTS else base.type, item=base.item)
    return Value(type=ARRAY) if method in _GIVES_ARRAY else UNKNOWN


def made_by(name: str) -> Value | None:
    """Return what a call of something that the language brings along gives, where that is no instance of it."""
    return Value(type=ARRAY) if name in _MAKES_ARRAY else None


RUBY_NAMES = frozenset({
    "new", "call", "to_s", "to_i", "to_f", "to_a", "to_h", "to_sym", "to_json", "to_str", "to_proc", "to_param", "inspect", "class",
    "send", "tap", "then", "dup", "clone", "freeze", "hash", "key", "keys", "key?", "value", "values", "fetch", "dig", "store",
    "delete", "delete_if", "merge", "merge!", "update", "push", "pop", "shift", "unshift", "append", "prepend", "insert", "concat",
    "each", "each_with_index", "each_with_object", "each_slice", "each_pair", "map", "flat_map", "select", "filter", "reject", "find",
    "detect", "find_all", "inject", "reduce", "sum", "count", "size", "length", "first", "last", "min", "max", "min_by", "max_by",
    "sort", "sort_by", "group_by", "partition", "zip", "uniq", "compact", "flatten", "reverse", "include?", "any?", "all?", "none?",
    "empty?", "present?", "blank?", "nil?", "presence", "join", "split", "strip", "gsub", "sub", "match", "match?", "scan", "index",
    "replace", "start_with?", "end_with?", "upcase", "downcase", "capitalize", "format", "open", "close", "read", "write", "puts",
    "print", "raise", "where", "order", "limit", "save", "save!", "create", "create!", "destroy", "destroy!", "all", "pluck", "ids",
    "exists?", "reload", "build", "id", "name", "type", "errors", "valid?", "changed?", "touch", "lock", "transaction", "is_a?",
    "respond_to?", "instance_of?", "method", "methods", "extend", "include", "add", "remove", "clear", "set", "get", "post", "put",
    "patch", "head", "request", "response", "body", "status", "params", "render", "redirect_to", "path", "url", "host", "port",
    "query", "scheme", "parse", "load", "dump", "run", "start", "stop", "begin", "end", "now", "today", "day", "days", "ago", "hour",
    "hours", "minute", "minutes", "second", "seconds", "week", "weeks", "month", "months", "year", "years", "from_now", "round",
})  # fmt: skip
"""Methods that Ruby and Rails bring along for nearly everything: on a receiver of which nothing is known they say nothing."""


JAVA_NAMES = frozenset({
    "charAt", "containsKey", "containsValue", "endsWith", "entrySet", "equals", "equalsIgnoreCase", "getOrDefault", "hashCode",
    "ifPresent", "indexOf", "isBlank", "isEmpty", "isPresent", "iterator", "keySet", "lastIndexOf", "orElse", "orElseGet",
    "orElseThrow", "putIfAbsent", "size", "startsWith", "stream", "substring", "toArray", "toLowerCase", "toString", "toUpperCase",
    "trim",
})  # fmt: skip
"""Methods of texts, collections and optional values of Java: on a receiver of which nothing is known they say nothing."""
