"""Spring beside its annotations: functional routes, the matchers of a filter chain, filters, advice and events."""

import pytest

from release_harness.steps.evidence.impact.entries import spring, without_adapter
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link.linked import link_sources
from release_harness.steps.evidence.model.impact import Confidence, EntryPoint

FUNCTIONAL = "import org.springframework.web.reactive.function.server.*;\n"
STATIC = (
    "import static org.springframework.web.reactive.function.server.RouterFunctions.*;\n"
    "import static org.springframework.web.reactive.function.server.RequestPredicates.*;\n"
)


def found(files: dict[str, str]) -> Discovery:
    """Return what Spring is found to have in some files."""
    linked = link_sources(files, [spring.FRAMEWORK])
    return spring.FRAMEWORK.assemble(linked.registrations[spring.FRAMEWORK.name], linked.program)


def handlers(discovery: Discovery) -> dict[str, str]:
    """Return the names of the entries with the qualified names of their handlers."""
    return {each.name: each.handler.partition(":")[2] for each in discovery.entries}


def entry(discovery: Discovery, name: str) -> EntryPoint:
    """Return one entry by its name."""
    return next(each for each in discovery.entries if each.name == name)


def guards(discovery: Discovery, name: str) -> list[str]:
    """Return the names of the guards of one entry."""
    return [each.name for each in entry(discovery, name).guards]


def test_a_chain_of_functional_routes_is_read_with_its_nested_prefixes() -> None:
    """Half of reactive applications have no annotation on a route: without this every change of them reaches nothing."""
    routes = f"""package shop;
{FUNCTIONAL}{STATIC}
class Routes {{
  private static final String BASE = "/items";
  private final Items items;
  @Bean RouterFunction<ServerResponse> all(Users users) {{
    return route()
      .GET(BASE + "/{{id}}", items::get)
      .POST("/items", contentType(JSON), items::make)
      .nest(path("/users").and(accept(JSON)), () -> route().GET("/{{name}}", users::one).build())
      .path("/deep", builder -> builder.nest(accept(JSON), inner -> inner.DELETE("/er", users::drop)))
      .GET("/inline", request -> items.get(request))
      .build();
  }}
  @Bean RouterFunction<ServerResponse> old(Users users) {{
    return nest(path("/old"), route(GET("/a"), users::one).andRoute(method(HttpMethod.PUT).and(path("/b")), users::drop));
  }}
}}
"""
    files = {
        "src/Routes.java": routes,
        "src/Items.java": "package shop; class Items { Mono get(ServerRequest r) { return null; } Mono make(ServerRequest r) { return null; } }",
        "src/Users.java": "package shop; class Users { Mono one(ServerRequest r) { return null; } Mono drop(ServerRequest r) { return null; } }",
    }
    assert handlers(found(files)) == {
        "DELETE /deep/er": "Users.drop",
        "GET /inline": "Routes.all.<locals>.<GET /inline>",
        "GET /items/{id}": "Items.get",
        "GET /old/a": "Users.one",
        "GET /users/{name}": "Users.one",
        "POST /items": "Items.make",
        "PUT /old/b": "Users.drop",
    }


def test_routes_handed_over_through_an_interface_hang_where_they_are_nested() -> None:
    """A collector of endpoints nests what it is given; the rest of the address is what each endpoint says of itself."""
    files = {
        "src/Endpoint.java": f'package shop;\n{FUNCTIONAL}interface Endpoint {{ RouterFunction<ServerResponse> endpoint(); default String group() {{ return "base/v1"; }} }}\n',
        "src/Collector.java": f"""package shop;
{FUNCTIONAL}
class Collector {{
  Map<String, List<RouterFunction<ServerResponse>>> kept;
  void add(Endpoint given) {{ kept.computeIfAbsent(given.group(), g -> new LinkedList<>()).add(given.endpoint()); }}
  RouterFunction<ServerResponse> build() {{
    var builder = RouterFunctions.route();
    kept.forEach((group, held) -> builder.nest(RequestPredicates.path("/apis/" + group), () -> held.stream().reduce(RouterFunction::and).orElse(null)));
    return builder.build();
  }}
}}
""",
        "src/Stats.java": f'package shop;\n{FUNCTIONAL}{STATIC}class Stats implements Endpoint {{ public RouterFunction<ServerResponse> endpoint() {{ return route().GET("stats", this::get).build(); }} Mono get(ServerRequest r) {{ return null; }} }}\n',
        "src/Own.java": f'package shop;\n{FUNCTIONAL}{STATIC}class Own implements Endpoint {{ public RouterFunction<ServerResponse> endpoint() {{ return route().GET("/own", this::get).build(); }} Mono get(ServerRequest r) {{ return null; }} public String group() {{ return Version.parse("own/v2"); }} }}\n',
    }
    assert handlers(found(files)) == {"GET /apis/base/v1/stats": "Stats.get", "GET /apis/own/v2/own": "Own.get"}


def test_a_documented_route_keeps_its_handler_and_not_its_description() -> None:
    """The builder of springdoc takes one argument more, which only describes the route."""
    files = {
        "src/Docs.java": f'package shop;\nimport org.springdoc.webflux.core.fn.SpringdocRouteBuilder;\n{FUNCTIONAL}class Docs {{ @Bean RouterFunction<ServerResponse> all(Handler h) {{ return SpringdocRouteBuilder.route().GET("/a", h, b -> b.operationId("a")).PUT(RequestPredicates.path("/b"), this::put, b -> {{ b.tag("t"); }}).build(); }} Mono put(ServerRequest r) {{ return null; }} }}\n',
        "src/Handler.java": f"package shop;\n{FUNCTIONAL}class Handler implements HandlerFunction<ServerResponse> {{ public Mono<ServerResponse> handle(ServerRequest r) {{ return null; }} }}\n",
    }
    assert handlers(found(files)) == {"GET /a": "Handler.handle", "PUT /b": "Docs.put"}


def test_a_computed_address_is_named_after_what_registers_it() -> None:
    """Two themes with computed addresses are two entry points, and neither may pass for the other."""
    made = f"package shop;\n{FUNCTIONAL}{STATIC}class NAME {{ RouterFunction<ServerResponse> create(String pattern) {{ return RouterFunctions.route(GET(pattern).and(accept(HTML)), handler()); }} HandlerFunction<ServerResponse> handler() {{ return request -> null; }} }}\n"
    files = {f"src/{name}.java": made.replace("NAME", name) for name in ("Posts", "Tags")}
    assert handlers(found(files)) == {"GET {Posts.create}": "Posts.handler", "GET {Tags.create}": "Tags.handler"}


@pytest.mark.slow
def test_a_route_that_runs_an_interface_runs_its_only_implementation() -> None:
    """Beans are asked for by interface; where one class implements it, nothing else can run."""
    files = {
        "src/Routes.java": f'package shop;\n{FUNCTIONAL}{STATIC}class Routes {{ private final Pats pats; @Bean RouterFunction<ServerResponse> all() {{ return route().GET("/pats", pats::list).build(); }} }}\n',
        "src/Pats.java": "package shop; interface Pats { Mono list(ServerRequest r); }",
        "src/PatsImpl.java": "package shop; class PatsImpl implements Pats { public Mono list(ServerRequest r) { return null; } }",
        "src/test/java/FakePats.java": "package shop; class FakePats implements Pats { public Mono list(ServerRequest r) { return null; } }",
    }
    assert handlers(found(files)) == {"GET /pats": "PatsImpl.list"}


def test_the_router_of_kotlin_is_read() -> None:
    """Kotlin has a language of its own for the same routes."""
    text = """package shop
import org.springframework.web.reactive.function.server.coRouter
class Routes(private val items: Items) {
    @Bean
    fun all() = coRouter {
        "/api".nest {
            GET("/items", items::list)
            POST("/items") { request -> items.make(request) }
        }
    }
}
class Items { fun list(r: ServerRequest): Mono = x
    fun make(r: ServerRequest): Mono = x }
"""
    assert handlers(found({"src/Routes.kt": text})) == {
        "GET /api/items": "Items.list",
        "POST /api/items": "Routes.all",
    }


def test_functional_routes_have_an_adapter_now() -> None:
    """A framework that is read must not be told as unread."""
    files = {"src/main/java/app/Routes.java": f"package app;\n{FUNCTIONAL}class Routes {{}}\n"}
    linked = link_sources(files, [without_adapter.FRAMEWORK])
    registrations = linked.registrations.get(without_adapter.FRAMEWORK.name, ())
    assert without_adapter.FRAMEWORK.assemble(registrations, linked.program).unknown == ()


CONTROLLER = """package shop;
@RestController
class Items {
  @GetMapping("/api/items/{id}") String get() { return ""; }
  @PostMapping("/api/items") String make() { return ""; }
  @GetMapping("/admin/panel") String panel() { return ""; }
  @GetMapping("/about") String about() { return ""; }
}
"""


def test_the_first_matcher_of_the_filter_chain_is_the_guard_of_a_route() -> None:
    """Most Spring applications have no guard on the method: taking one matcher away opens the route, and no handler changes."""
    chain = """package shop;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
@Configuration
class Security {
  @Bean SecurityFilterChain chain(HttpSecurity http) {
    return http.csrf(csrf -> csrf.disable())
      .authorizeHttpRequests(auth -> auth
        .requestMatchers("/about", "/login").permitAll()
        .requestMatchers(HttpMethod.POST, "/api/**").hasRole("EDITOR")
        .requestMatchers("/admin/**").access(new Admins(1))
        .anyRequest().authenticated())
      .build();
  }
}
"""
    admins = "package shop; class Admins { boolean check() { return true; } }"
    discovery = found({"src/Items.java": CONTROLLER, "src/Security.java": chain, "src/Admins.java": admins})
    assert guards(discovery, "GET /api/items/{id}") == ["authenticated()"]
    assert guards(discovery, "POST /api/items") == ['hasRole("EDITOR")', "csrf().disable()"]
    assert guards(discovery, "GET /admin/panel") == ["access(Admins(1))"]
    assert entry(discovery, "GET /admin/panel").guards[0].symbol == "src/Admins.java:Admins"
    assert [each.weak for each in entry(discovery, "GET /about").guards] == [True]


def test_matchers_of_several_beans_count_in_their_order() -> None:
    """A chain can be put together by configurers; the lowest order comes first, wherever the files stand."""
    files = {
        "src/Items.java": CONTROLLER,
        "src/A.java": "package shop;\nimport org.springframework.security.x.Y;\nclass A { @Bean @Order Configurer last() { return http -> http.authorizeExchange(spec -> spec.anyExchange().permitAll()); } }\n",
        "src/B.java": 'package shop;\nimport org.springframework.security.x.Y;\nclass B { @Bean @Order(0) Configurer first() { return http -> http.authorizeExchange(spec -> { spec.pathMatchers("/api/**").hasAuthority("api"); }); } }\n',
    }
    discovery = found(files)
    assert guards(discovery, "POST /api/items") == ['hasAuthority("api")']
    assert [each.weak for each in entry(discovery, "GET /about").guards] == [True]


def test_filters_and_advice_stand_around_every_route() -> None:
    """A filter is on the way of every request, and no handler names it."""
    files = {
        "src/Items.java": CONTROLLER,
        "src/Log.java": "package shop;\n@Component class Log implements WebFilter { public Mono filter(ServerWebExchange e, WebFilterChain c) { return null; } }\n",
        "src/Faults.java": 'package shop;\n@RestControllerAdvice class Faults { @ExceptionHandler(Fault.class) String fault() { return ""; } }\n',
    }
    assert {(each.symbol, each.reason) for each in found(files).around} == {
        ("src/Log.java:Log.filter", "web filter"),
        ("src/Faults.java:Faults.fault", "exception handler"),
    }


def test_a_published_event_runs_its_listeners_later() -> None:
    """Whoever publishes an event runs all that listen, and no name leads from one to the other."""
    files = {
        "src/Made.java": "package shop; class Made extends ApplicationEvent {}",
        "src/Shop.java": "package shop; class Shop { ApplicationEventPublisher publisher; void make() { publisher.publishEvent(new Made(this)); } }",
        "src/Mail.java": "package shop; class Mail { @EventListener(Made.class) void send() {} }",
        "src/Count.java": "package shop; class Count implements ApplicationListener<Made> { public void onApplicationEvent(Made event) {} }",
    }
    linked = link_sources(files, [spring.FRAMEWORK])
    discovery = found(files)
    assert handlers(discovery) == {
        "Mail.send Made": "Mail.send",
        "Count.onApplicationEvent Made": "Count.onApplicationEvent",
    }
    graph = linked.graph((discovery,))
    for handler in ("src/Mail.java:Mail.send", "src/Count.java:Count.onApplicationEvent"):
        reached = graph.reaching([handler], [Node("src/Shop.java:Shop.make")])
        assert [(each.confidence, each.asynchronous) for each in reached.values()] == [(Confidence.HIGH, True)]


def test_what_the_container_runs_at_the_start_is_started_by_nobody_else() -> None:
    """A change of what an application does while it starts was told to affect nothing."""
    files = {
        "src/Queue.java": "package shop; @Component class Queue implements SmartLifecycle { public void start() {} public void stop() {} }",
        "src/Index.java": "package shop; @Component class Index implements InitializingBean { public void afterPropertiesSet() {} }",
        "src/Fill.java": "package shop; @Component class Fill { @PostConstruct void fill() {} void other() {} }",
    }
    assert handlers(found(files)) == {
        "Queue.start at the start": "Queue.start",
        "Index.afterPropertiesSet at the start": "Index.afterPropertiesSet",
        "Fill.fill at the start": "Fill.fill",
    }


def test_the_logger_that_an_annotation_makes_is_no_class_of_the_repository() -> None:
    """A method `warn` of one small class was told to be reached by whoever logs a warning."""
    files = {
        "src/Notes.java": "package shop; class Notes { void warn(String text) {} }",
        "src/Page.java": 'package shop; @Slf4j class Page { void show() { log.warn("x"); } }',
        "src/Plain.java": 'package shop; class Plain { void show() { log.warn("x"); } }',
    }
    graph = link_sources(files).graph()
    seeds = ["src/Notes.java:Notes.warn"]
    assert not graph.reaching(seeds, [Node("src/Page.java:Page.show")])
    assert graph.reaching(seeds, [Node("src/Plain.java:Plain.show")])


def test_a_method_of_the_language_on_something_unknown_is_nobodys_method() -> None:
    """A private `indexOf` of one class was told to be reached by half of all routes, since each asks some list for it."""
    files = {
        "src/Tree.java": "package shop; class Tree { int indexOf(String name) { return 0; } int depth() { return 1; } }",
        "src/Page.java": 'package shop; class Page { void show() { things().indexOf("x"); } void deep() { things().depth(); } }',
    }
    graph = link_sources(files).graph()
    assert not graph.reaching(["src/Tree.java:Tree.indexOf"], [Node("src/Page.java:Page.show")])
    assert graph.reaching(["src/Tree.java:Tree.depth"], [Node("src/Page.java:Page.deep")])
