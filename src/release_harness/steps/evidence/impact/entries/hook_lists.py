"""Names and decorators that libraries call or register by themselves, as data; `library_hooks` reads it."""

REGISTERING_METHODS = frozenset({
    "validator", "default", "setter", "getter", "deleter", "expression", "comparator", "update_expression", "inplace",
    "register", "listens_for", "connect", "connect_via", "errorhandler", "exception_handler", "before_request",
    "after_request", "teardown_request", "teardown_appcontext", "context_processor", "template_filter", "template_global",
    "template_test", "app_template_filter", "app_template_global", "user_loader", "request_loader", "filter",
    "simple_tag", "inclusion_tag", "tag", "middleware", "on_event", "shell_context_processor", "dispatch_for", "overload",
    "result_callback", "post_generation", "lazy_attribute", "receiver", "field", "resolver", "scalar", "type", "model_validator",
})  # fmt: skip
"""Methods that, used as a decorator of some object, hand the function to that object."""

TRANSPARENT = frozenset({
    "functools", "contextlib", "typing", "typing_extensions", "abc", "tenacity", "backoff", "retry", "retrying", "deprecated",
    "dataclasses", "unittest", "freezegun", "numba", "cachetools", "wrapt", "decorator", "beartype", "typeguard", "logfire",
    "sentry_sdk", "ddtrace", "opentelemetry", "asgiref", "builtins", "warnings", "line_profiler", "memory_profiler", "async_lru",
    "aiocache", "joblib", "diskcache", "ratelimit", "statsd", "prometheus_client", "newrelic", "elasticapm", "async_timeout",
    "six", "enum", "attr", "attrs", "types", "weakref", "atexit_", "overrides", "torch", "jax", "requests_cache", "stamina",
})  # fmt: skip
"""Libraries whose decorators give the function back and call it only when somebody else does."""

TRANSPARENT_NAMES = frozenset({
    "django.db.transaction.atomic", "django.utils.decorators.method_decorator", "django.utils.functional.cached_property",
    "django.views.decorators.cache.never_cache", "django.views.decorators.csrf.csrf_exempt", "werkzeug.utils.cached_property",
    "flask.cli.with_appcontext", "django.contrib.auth.decorators.login_required", "flask_login.login_required",
    "sqlalchemy.util.memoized_property", "sqlalchemy.ext.hybrid.hybrid_method",
    "django.views.decorators.http.require_POST", "django.views.decorators.http.require_GET", "flask_login.utils.login_required",
})  # fmt: skip

CALLED_DECORATORS = {
    "typing.overload": "only for type checkers",
    "typing_extensions.overload": "only for type checkers",
    "abc.abstractmethod": "declared for subclasses",
    "abc.abstractproperty": "declared for subclasses",
    "atexit.register": "runs when the program ends",
    "functools.singledispatch": "",
    "enum.property": "",
}
"""Decorators of libraries that are otherwise transparent, and why their functions need no caller; empty for those that do."""

CLOSED_BASES: dict[str, frozenset[str]] = {
    "object": frozenset(),
    "abc.ABC": frozenset(),
    "typing.Generic": frozenset(),
    "typing.Protocol": frozenset(),
    "typing_extensions.Protocol": frozenset(),
    "typing.NamedTuple": frozenset(),
    "typing.TypedDict": frozenset(),
    "typing_extensions.TypedDict": frozenset(),
    "enum.Enum": frozenset({"_missing_", "_generate_next_value_", "_ignore_", "_order_"}),
    "enum.IntEnum": frozenset({"_missing_", "_generate_next_value_"}),
    "enum.StrEnum": frozenset({"_missing_", "_generate_next_value_"}),
    "enum.Flag": frozenset({"_missing_", "_generate_next_value_"}),
    "enum.IntFlag": frozenset({"_missing_", "_generate_next_value_"}),
    "pydantic.BaseModel": frozenset({"model_post_init", "json", "dict", "model_dump", "model_dump_json", "model_validate",
                                     "model_json_schema", "copy", "model_copy", "parse_obj", "construct", "update_forward_refs"}),
    "pydantic.main.BaseModel": frozenset({"model_post_init"}),
    "pydantic_settings.BaseSettings": frozenset({"settings_customise_sources", "model_post_init"}),
    "pydantic.BaseSettings": frozenset({"settings_customise_sources", "customise_sources"}),
    "sqlmodel.SQLModel": frozenset({"model_post_init"}),
    "django.db.models.Model": frozenset({
        "save", "delete", "clean", "full_clean", "clean_fields", "validate_unique", "validate_constraints", "get_absolute_url",
        "natural_key", "from_db", "refresh_from_db", "get_deferred_fields", "asave", "adelete", "prepare_database_save",
        "serializable_value", "save_base", "date_error_message", "unique_error_message", "get_constraints", "check",
    }),
    "sqlalchemy.orm.DeclarativeBase": frozenset(),
    "sqlalchemy.orm.decl_api.DeclarativeBase": frozenset(),
    "sqlalchemy.orm.MappedAsDataclass": frozenset(),
    "peewee.Model": frozenset({"save", "delete_instance", "create", "validate"}),
    "threading.Thread": frozenset({"run"}),
    "multiprocessing.Process": frozenset({"run"}),
    "threading.local": frozenset(),
    "logging.Handler": frozenset({"emit", "handle", "flush", "close", "format", "createLock", "filter", "handleError"}),
    "logging.Formatter": frozenset({"format", "formatTime", "formatException", "formatMessage", "formatStack"}),
    "logging.Filter": frozenset({"filter"}),
    "logging.LoggerAdapter": frozenset({"process"}),
    "json.JSONEncoder": frozenset({"default", "encode", "iterencode"}),
    "json.JSONDecoder": frozenset({"decode", "raw_decode"}),
    "contextlib.ContextDecorator": frozenset({"_recreate_cm"}),
    "contextlib.AbstractContextManager": frozenset(),
    "contextlib.AbstractAsyncContextManager": frozenset(),
    "django.apps.AppConfig": frozenset({"ready"}),
    "django.core.management.base.BaseCommand": frozenset({"handle", "add_arguments", "execute", "check", "create_parser",
                                                          "print_help", "get_version", "run_from_argv"}),
    "django.core.management.BaseCommand": frozenset({"handle", "add_arguments", "execute", "check", "create_parser"}),
    "celery.Task": frozenset({"run", "on_failure", "on_success", "on_retry", "before_start", "after_return", "apply_async",
                              "delay", "retry", "shadow_name", "on_bound", "send_event"}),
    "rq.Worker": frozenset(),
}  # fmt: skip
"""Classes all of whose hooks are known: a method that is not in the list is called by nobody but this repository."""

CLOSED_ROOTS = ("builtins.",)
"""Exceptions, containers and numbers: they call special methods only."""

CLOSED_PATTERNS = {
    "django.db.models": r"clean_\w+|get_\w+_display|get_next_by_\w+|get_previous_by_\w+",
}

OPTION_CLASSES = frozenset(
    {"Meta", "Config", "Media", "Params", "Arguments", "Options", "Settings", "CeleryMeta", "SQLAlchemyMeta"}
)
"""Names of nested classes that only a library reads."""

MODULE_HOOKS: tuple[tuple[str, str, str], ...] = (
    (r"(^|/)conftest\.py$", r"pytest_\w+", "a hook of pytest"),
    (r"pytest|plugin", r"pytest_\w+", "a hook of pytest"),
    (r"(^|/)gunicorn[\w.]*\.py$", (r"on_starting|on_reload|when_ready|pre_fork|post_fork|post_worker_init|worker_\w+|pre_exec|pre_request"
     r"|post_request|child_exit|nworkers_changed|on_exit|ssl_context"), "a hook of gunicorn"),
    (r"(^|/)conf\.py$", r"setup|linkcode_resolve|autodoc_\w+|skip\w*", "a hook of Sphinx"),
    (r"(^|/)(hooks?|main|macros)\.py$", r"on_[a-z_]+|define_env", "a hook of MkDocs"),
    (r"(^|/)(noxfile|fabfile|tasks|dodo|SConstruct|wscript|locustfile)\.py$", r"\w+", "run by a task runner"),
    (r"(^|/)setup\.py$", r"\w+", "run by packaging"),
    (r"(^|/)docs?/", r"\w+", "run when documentation is made"),
    (r"(^|/)(env)\.py$", r"run_migrations_\w+|include_object|include_name|process_revision_directives|render_item|compare_type",
     "a hook of Alembic"),
    (r"", r"includeme", "included by Pyramid"),
    (r"", r"load_ipython_extension|unload_ipython_extension", "a hook of IPython"),
    (r"", r"setUpModule|tearDownModule|setup_module|teardown_module|setup_function|teardown_function", "run by the test runner"),
    (r"", (r"async_setup(_entry|_platform)?|async_unload_entry|async_remove_entry|async_migrate_entry|setup_platform"
     r"|async_get_config_entry_diagnostics|async_get_device_diagnostics|async_remove_config_entry_device|async_get_actions"
     r"|async_get_triggers|async_get_conditions|async_describe_events|async_reproduce_states|async_validate_\w+_config"),
     "a hook of Home Assistant"),
    (r"(^|/)manage\.py$", r"main", "run by Django"),
    (r"(^|/)(wsgi|asgi)\.py$", r"\w+", "run by the web server"),
    (r"(^|/)(lambda_function|handler|handlers|app|main)\.py$", r"lambda_handler|handler", "run by the serverless platform"),
    (r"(^|/)dags?/", r"\w+", "run by the workflow engine"),
)  # fmt: skip
"""(path, name, why) of functions at module level."""

METHOD_HOOKS: tuple[tuple[str, str, str], ...] = (
    (r"(^|/)pipelines\.py$", r"process_item|open_spider|close_spider|from_crawler", "a hook of Scrapy"),
    (r"(^|/)middlewares?(/|\.py$)", (r"process_(request|response|view|exception|template_response|spider_\w+|start_requests)|dispatch"
     r"|from_crawler|resolve|on_\w+"), "a hook of middleware"),
    (r"(^|/)(db_?)?routers?\.py$", r"db_for_(read|write)|allow_relation|allow_migrate", "a hook of Django's database router"),
    (r"(^|/)[\w]*(backend|auth)[\w]*\.py$", (r"authenticate|get_user|has_perm|has_module_perms|get_all_permissions|with_perm"
     r"|authenticate_header"), "a hook of Django's authentication"),
    (r"", (r"setUp|tearDown|setUpClass|tearDownClass|asyncSetUp|asyncTearDown|setUpTestData|setup_method|teardown_method|setup_class"
     r"|teardown_class|runTest"), "run by the test runner"),
    (r"", (r"connection_made|connection_lost|data_received|datagram_received|eof_received|error_received|pause_writing"
     r"|resume_writing|buffer_updated|get_buffer"), "a hook of an asyncio protocol"),
    (r"", r"do_(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)|log_message|log_request", "a hook of http.server"),
    (r"", r"_repr_(html|png|svg|markdown|latex|json|pretty)_|_ipython_\w+_", "a hook of IPython"),
    (r"", (r"_compiler_dispatch|process_bind_param|process_result_value|process_literal_param|load_dialect_impl|bind_processor"
     r"|result_processor|coerce_compared_value|get_col_spec|bind_expression|column_expression"), "a hook of SQLAlchemy"),
)  # fmt: skip
