"""Why an edge is believed: one small number for each rule, with its confidence and the words for people."""

from typing import NamedTuple

from release_harness.steps.evidence.model.impact import Confidence

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
RANK = {HIGH: 0, MEDIUM: 1, LOW: 2}


class Reason(NamedTuple):
    """One rule."""

    words: str
    confidence: Confidence
    asynchronous: bool = False
    weak: bool = False
    """True for edges that are kept but never walked, such as imports."""


REFERS = 0
DEFINES = 1
DECORATED = 2
INHERITS = 3
ANNOTATED = 4
DEFAULTS = 5
DECLARES = 6
REGISTERS = 7
ASSIGNED = 8
NAMED_IN_TEXT = 9
LISTENS = 10
ENQUEUES = 11
FIXTURE = 12
MEMBER = 13
OWN_MEMBER = 14
SUPER_MEMBER = 15
BY_NAME = 16
BY_GUESS = 17
TEXT = 18
IMPORTS = 19
MENTIONS = 20
MODULE_RUNS = 21
ENQUEUES_MEMBER = 22
DECORATOR_ARGUMENT = 23
OVERRIDES = 24
SPECIAL = 25
HOOK = 26
CALLBACK = 27
HOLDS_REGISTRY = 28
TEXT_MENTION = 29
TEXT_REGISTERED = 30
URL = 31
HANDLER_CLASS = 32
IMPORTS_NAME = 33
ANNOTATED_ONLY = 34
DECLARED_FAR = 35
LOADED_BY_NAME = 36
OTHER_FILE = 37
MEMBER_OF_OTHER_FILE = 38

REASONS: tuple[Reason, ...] = (
    Reason("refers to", HIGH),
    Reason("defines inside", HIGH),
    Reason("is decorated by", HIGH),
    Reason("inherits from", HIGH),
    Reason("is annotated with", HIGH),
    Reason("has as default", HIGH),
    Reason("declares", HIGH),
    Reason("registers", HIGH),
    Reason("was assigned", HIGH),
    Reason("names it in a string", MEDIUM),
    Reason("is listened to by", MEDIUM),
    Reason("enqueues", HIGH, asynchronous=True),
    Reason("uses the fixture", HIGH),
    Reason("uses the member", HIGH),
    Reason("uses its own member", HIGH),
    Reason("uses the member of its base", HIGH),
    Reason("uses a member of this name, of a receiver that reading does not tell", LOW),
    Reason("uses the member of the only class that its receiver is named after", MEDIUM),
    Reason("holds the text", LOW, weak=True),
    Reason("imports", LOW, weak=True),
    Reason("mentions the attribute", LOW, weak=True),
    Reason("runs when it is imported", HIGH),
    Reason("enqueues", HIGH, asynchronous=True),
    Reason("has in a decorator", HIGH),
    Reason("uses the member of a base that this one overrides", MEDIUM),
    Reason("runs as a special method of the class", HIGH),
    Reason("is called by the library as one of its hooks", MEDIUM),
    Reason("may be called by the library that the class inherits from", MEDIUM),
    Reason("holds the registry it is registered on", LOW),
    Reason("mentions its name in a string", LOW),
    Reason("names what it is registered as", MEDIUM),
    Reason("has a URL of the route", MEDIUM),
    Reason("is handled by a method of the class", HIGH),
    Reason("imports the name", LOW, weak=True),
    Reason("is annotated with, which alone runs nothing", LOW),
    Reason("declares a field of a class that declares a field of it", MEDIUM),
    Reason("reads an attribute of this name, of a receiver that reading does not tell", LOW),
    Reason("refers to, by its module", MEDIUM),
    Reason("uses the member, by the module of its class", MEDIUM),
)

STOP_NAMES = frozenset(
    {
        *(
            "get",
            "set",
            "add",
            "pop",
            "update",
            "items",
            "keys",
            "values",
            "append",
            "extend",
            "insert",
            "remove",
            "clear",
            "copy",
        ),
        *(
            "save",
            "filter",
            "delete",
            "create",
            "all",
            "first",
            "last",
            "count",
            "exists",
            "order_by",
            "join",
            "split",
            "strip",
        ),
        *(
            "format",
            "encode",
            "decode",
            "read",
            "write",
            "close",
            "open",
            "flush",
            "seek",
            "send",
            "recv",
            "put",
            "post",
            "patch",
        ),
        *(
            "name",
            "id",
            "value",
            "key",
            "type",
            "data",
            "status",
            "url",
            "path",
            "text",
            "json",
            "body",
            "content",
            "result",
            "results",
        ),
        *(
            "startswith",
            "endswith",
            "replace",
            "lower",
            "upper",
            "index",
            "find",
            "sort",
            "reverse",
            "group",
            "match",
            "search",
        ),
        *(
            "info",
            "debug",
            "warning",
            "error",
            "exception",
            "log",
            "run",
            "start",
            "stop",
            "execute",
            "commit",
            "rollback",
            "query",
        ),
        *(
            "isoformat",
            "strftime",
            "total_seconds",
            "setdefault",
            "discard",
            "union",
            "intersection",
            "difference",
            "lstrip",
            "rstrip",
        ),
    }
)
"""Names of methods that say nothing about the receiver; a call of one on an unknown receiver makes no edge, and is counted."""

HOOK_NAMES = frozenset(
    {
        *(
            "process_bind_param",
            "process_result_value",
            "process_literal_param",
            "load_dialect_impl",
            "coerce_compared_value",
        ),
        *("bind_processor", "result_processor", "bind_expression", "column_expression", "compare_values"),
        *(
            "model_post_init",
            "validate",
            "clean",
            "to_representation",
            "to_internal_value",
            "get_queryset",
            "has_permission",
        ),
        *(
            "has_object_permission",
            "dispatch",
            "setup",
            "setUp",
            "tearDown",
            "setUpClass",
            "tearDownClass",
            "setUpTestData",
        ),
        *(
            "asyncSetUp",
            "asyncTearDown",
            "emit",
            "handle",
            "default",
            "on_success",
            "on_failure",
            "on_retry",
            "get_context_data",
        ),
        *(
            "form_valid",
            "form_invalid",
            "visit",
            "generic_visit",
            "ready",
            "upgrade",
            "downgrade",
            "process_request",
            "process_response",
        ),
        *(
            "process_view",
            "process_exception",
            "process_template_response",
            "authenticate",
            "get_user",
            "run",
            "forward",
        ),
    }
)
"""Names by which libraries call into classes that inherit from theirs."""

HOOK_DECORATORS = frozenset(
    {
        *("validator", "root_validator", "field_validator", "model_validator", "field_serializer", "model_serializer"),
        *(
            "computed_field",
            "validates",
            "hybrid_property",
            "hybrid_method",
            "expression",
            "comparator",
            "compiles",
            "listens_for",
        ),
        *(
            "declared_attr",
            "reconstructor",
            "serializer",
            "pre_load",
            "post_load",
            "pre_dump",
            "post_dump",
            "validates_schema",
        ),
        *(
            "pre_init",
            "update_expression",
            "inplace",
            "default",
            "hookimpl",
            "wrap_validator",
            "overrides",
            "action",
            "observes",
        ),
    }
)
"""Decorators by which a method is handed to the library of its class."""

LISTENING = frozenset(
    {
        "listens_for",
        "register",
        "receiver",
        "on",
        "on_event",
        "subscribe",
        "connect",
        "handler",
        "handles",
        "listener",
        "listen",
        "event",
    }
)
"""Decorators whose class argument is what the function listens to."""

ENQUEUE_METHODS = frozenset(
    {
        *(
            "delay",
            "apply_async",
            "send_with_options",
            "kiq",
            "defer",
            "defer_async",
            "si",
            "signature",
            "schedule",
            "enqueue",
        ),
        *(
            "enqueue_call",
            "enqueue_in",
            "enqueue_at",
            "enqueue_many",
            "send",
            "message",
            "delay_on_commit",
            "apply_async_on_commit",
        ),
    }
)
"""Methods of a task by which it runs later."""

ENQUEUE_CALLS = frozenset(
    {
        *(
            "enqueue",
            "enqueue_call",
            "enqueue_in",
            "enqueue_at",
            "add_job",
            "add_task",
            "enqueue_job",
            "call_later",
            "call_soon",
        ),
        *("run_in_executor", "submit", "scheduled_job", "on_commit", "call_at", "cron", "schedule", "start_soon"),
    }
)
"""Methods of a queue that take the function that runs later."""
