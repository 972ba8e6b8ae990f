"""Programs that ask a framework itself which entry points it has; they run in the interpreter of the project, without rh.

Each defines `dump(app)`, which returns dictionaries with `kind`, `name` (as the static list names it), `handler`
(`module:qualname`) and `guards` (names). They use nothing but the framework, so that any version of the project works.
"""

_NAMES = """
def _named(thing):
    seen = set()
    while thing is not None and id(thing) not in seen:
        seen.add(id(thing))
        inner = getattr(thing, "__wrapped__", None) or getattr(thing, "func", None) if not isinstance(thing, type) else None
        if inner is None or not callable(inner):
            break
        thing = inner
    thing = getattr(thing, "__func__", thing)
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    return "%s:%s" % (getattr(thing, "__module__", ""), thing.__qualname__)
"""

FASTAPI = (
    _NAMES
    + """
def _guards(dependant):
    found = []
    for each in getattr(dependant, "dependencies", ()):
        call = getattr(each, "call", None)
        if call is not None:
            found.append(_named(call))
        found.extend(_guards(each))
    return found


def _class_methods(endpoint):
    verbs = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
    return [(verb.upper(), getattr(endpoint, verb)) for verb in verbs if hasattr(endpoint, verb)]


def _routes(routes, prefix):
    found = []
    for route in routes:
        path = prefix + getattr(route, "path", "")
        endpoint = getattr(route, "endpoint", None)
        inner = getattr(route, "original_router", None)
        if endpoint is None and inner is not None:
            context = getattr(route, "include_context", None)
            found.extend(_routes(inner.routes, prefix + (getattr(context, "prefix", "") or "")))
            continue
        if endpoint is None:
            found.extend(_routes(getattr(route, "routes", None) or (), path))
            continue
        guards = _guards(getattr(route, "dependant", None))
        if "WebSocket" in type(route).__name__:
            found.append({"kind": "websocket", "name": path, "handler": _named(endpoint), "guards": guards})
        elif isinstance(endpoint, type):
            for verb, method in _class_methods(endpoint):
                found.append({"kind": "http", "name": verb + " " + path, "handler": _named(method), "guards": guards})
        else:
            for verb in sorted(getattr(route, "methods", None) or {"ANY"}):
                if verb != "HEAD" or len(route.methods) == 1:
                    found.append({"kind": "http", "name": verb + " " + path, "handler": _named(endpoint), "guards": guards})
    return found


def dump(app):
    return _routes(app.routes, "")
"""
)

FLASK = (
    _NAMES
    + """
def _innermost(view):
    seen = set()
    while hasattr(view, "__wrapped__") and id(view) not in seen:
        seen.add(id(view))
        view = view.__wrapped__
    return view


def _targets(view, methods):
    inner = _innermost(view)
    cls = getattr(view, "view_class", None) or getattr(inner, "view_class", None)
    if cls is None:
        owner = getattr(inner, "__self__", None)
        return [(verb, _named(inner) if owner is None else "%s:%s" % (inner.__module__, inner.__qualname__)) for verb in methods]
    found = []
    for verb in methods:
        method = getattr(cls, verb.lower(), None) or getattr(cls, "dispatch_request", None)
        found.append((verb, _named(method)))
    return found


def dump(app):
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is None:
            continue
        cls = getattr(view, "view_class", None)
        methods = sorted(m for m in rule.methods or () if m not in ("HEAD", "OPTIONS") or hasattr(cls, m.lower()))
        for verb, handler in _targets(view, methods):
            found.append({"kind": "http", "name": verb + " " + rule.rule, "handler": handler, "guards": None})
    return found
"""
)

DJANGO = (
    _NAMES
    + """
def _viewset(view):
    actions = getattr(view, "actions", None)
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return cls, actions


def _targets(callback):
    cls, actions = _viewset(callback)
    if cls is not None and actions:
        return [(verb.upper(), _named(getattr(cls, name))) for verb, name in sorted(actions.items()) if hasattr(cls, name)]
    if cls is not None:
        allowed = [m for m in getattr(cls, "http_method_names", ()) if m not in ("options", "head", "trace") and hasattr(cls, m)]
        found = [(verb.upper(), _named(getattr(cls, verb))) for verb in allowed]
        return found or [("ANY", _named(cls))]
    return [("ANY", _named(callback))]


def _permissions(callback):
    cls = getattr(callback, "cls", None)
    return [each.__name__ for each in getattr(cls, "permission_classes", ()) if hasattr(each, "__name__")] if cls else None


def _walk(patterns, prefix):
    found = []
    for each in patterns:
        route = str(each.pattern)
        if type(each.pattern).__name__ == "LocalePrefixPattern":
            route = "<language>/"
        if "(?P<format>" in route:
            continue
        path = prefix + route
        if hasattr(each, "url_patterns"):
            if getattr(each, "app_name", "") != "admin":
                found.extend(_walk(each.url_patterns, path))
            continue
        for verb, handler in _targets(each.callback):
            found.append({"kind": "http", "name": verb + " /" + path, "handler": handler, "guards": _permissions(each.callback)})
    return found


def dump(app):
    import django
    django.setup()
    from django.urls import get_resolver
    return _walk(get_resolver().url_patterns, "")
"""
)

GRAPHENE = (
    _NAMES
    + """
def dump(app):
    schema = getattr(app, "graphql_schema", app)
    found = []
    for operation in ("query", "mutation", "subscription"):
        root = getattr(schema, operation + "_type", None)
        if root is None and hasattr(schema, "get_" + operation + "_type"):
            root = getattr(schema, "get_" + operation + "_type")()
        for name, field in (getattr(root, "fields", None) or {}).items():
            resolver = getattr(field, "resolve", None) or getattr(field, "resolver", None)
            found.append({"kind": "graphql", "name": operation + " " + name, "handler": _named(resolver) if resolver else "", "guards": None})
    return found
"""
)

STRAWBERRY = (
    _NAMES
    + """
def dump(app):
    found = []
    for operation in ("query", "mutation", "subscription"):
        root = getattr(app, operation, None)
        definition = getattr(root, "__strawberry_definition__", None)
        for field in getattr(definition, "fields", ()):
            name = app.config.name_converter.get_graphql_name(field)
            resolver = getattr(field, "base_resolver", None)
            handler = _named(resolver.wrapped_func) if resolver is not None else ""
            guards = [each.__name__ for each in getattr(field, "permission_classes", ())]
            if resolver is not None:
                found.append({"kind": "graphql", "name": operation + " " + name, "handler": handler, "guards": guards})
    return found
"""
)

AIOHTTP = (
    _NAMES
    + """
def dump(app):
    found = []
    for route in app.router.routes():
        handler = route.handler
        path = route.resource.canonical if route.resource is not None else ""
        if route.method == "HEAD":
            continue
        if isinstance(handler, type):
            for verb in ("get", "post", "put", "patch", "delete", "head", "options"):
                if hasattr(handler, verb):
                    found.append({"kind": "http", "name": verb.upper() + " " + path, "handler": _named(getattr(handler, verb)), "guards": None})
        else:
            method = "ANY" if route.method == "*" else route.method
            found.append({"kind": "http", "name": method + " " + path, "handler": _named(handler), "guards": None})
    return found
"""
)

LITESTAR = (
    _NAMES
    + """
def dump(app):
    found = []
    for route in app.routes:
        handlers = list(getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)])
        for handler in handlers:
            if handler is None or getattr(handler, "_is_builtin", False):
                continue
            guards = [getattr(each, "__name__", type(each).__name__) for each in handler.resolve_guards()]
            kind = "websocket" if "Websocket" in type(handler).__name__ else "http"
            for verb in sorted(str(getattr(each, "value", each)) for each in getattr(handler, "http_methods", ())) or [""]:
                if verb == "OPTIONS" and "options" in getattr(handler.fn, "__name__", ""):
                    continue
                found.append({"kind": kind, "name": (verb + " " + route.path).strip(), "handler": _named(handler.fn), "guards": guards})
    return found
"""
)

PYRAMID = (
    _NAMES
    + """
def dump(app):
    registry = app.registry
    introspector = registry.introspector
    patterns = {}
    for each in introspector.get_category("routes") or ():
        item = each["introspectable"]
        patterns.setdefault(item["name"], item["pattern"])
    found = []
    for each in introspector.get_category("views") or ():
        item = each["introspectable"]
        view = item["callable"]
        if view is None or item.get("route_name") is None:
            continue
        attribute = item.get("attr")
        if isinstance(view, type):
            view = getattr(view, attribute or "__call__", view)
        methods = item.get("request_methods") or ("ANY",)
        methods = (methods,) if isinstance(methods, str) else methods
        pattern = patterns.get(item["route_name"], "")
        for method in methods:
            if method != "HEAD":
                name = method + " /" + pattern.lstrip("/")
                found.append({"kind": "http", "name": name, "handler": _named(view), "guards": None})
    return found
"""
)
