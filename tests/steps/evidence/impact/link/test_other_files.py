"""How sure a reference between files of other languages is: what a name is bound to, not which module it stands in."""

import pytest

from release_harness.steps.evidence.impact.graph import Node, Reached, ReferenceGraph
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import Confidence

pytest.importorskip("tree_sitter_typescript")
pytest.importorskip("tree_sitter_go")
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


def graph_of(sources: dict[str, str]) -> ReferenceGraph:
    """Link some files."""
    return link_sources(sources).graph()


def reach(graph: ReferenceGraph, target: str, seed: str) -> Reached | None:
    """Return the best way from a target to a seed."""
    node = Node(target)
    return graph.reaching([seed], [node]).get((node, seed))


def how_sure(graph: ReferenceGraph, target: str, seed: str) -> Confidence | None:
    """Return how sure the best way is; None when there is none."""
    found = reach(graph, target, seed)
    return None if found is None else found.confidence


INJECTED = {
    "app/ai.service.ts": "export class AiService {\n  prompt() { return build() }\n}\nfunction build() { return 1 }\n",
    "app/ai.controller.ts": (
        "import { AiService } from './ai.service'\n"
        "export class AiController {\n"
        "  constructor(private readonly aiService: AiService) {}\n"
        "  get() { return this.aiService.prompt() }\n"
        "}\n"
    ),
}


def test_a_method_of_a_declared_class_in_another_file_is_sure() -> None:
    """Dependency injection is how most servers are wired: a typed field and an import leave nothing to guess."""
    graph = graph_of(INJECTED)
    assert how_sure(graph, "app/ai.controller.ts:AiController.get", "app/ai.service.ts:AiService.prompt") is HIGH
    assert how_sure(graph, "app/ai.controller.ts:AiController.get", "app/ai.service.ts:build") is HIGH


def test_an_imported_function_is_sure_also_through_a_file_that_hands_it_on() -> None:
    """An import names its target exactly, over any number of index files."""
    graph = graph_of({
        "lib/sum.ts": "export const sum = (values: number[]) => { return values.length }\n",
        "lib/index.ts": "export * from './sum'\n",
        "app/page.ts": "import { sum } from '../lib'\nexport function page() { return sum([1]) }\n",
    })  # fmt: skip
    assert how_sure(graph, "app/page.ts:page", "lib/sum.ts:sum") is HIGH


def test_a_function_of_another_go_package_and_a_method_of_a_typed_field_are_sure() -> None:
    """Go names its packages and types; nothing about such a call is a guess."""
    graph = graph_of({
        "go.mod": "module example.org/shop\n",
        "store/store.go": "package store\ntype Store struct{}\nfunc New() *Store { return &Store{} }\nfunc (s *Store) Find() {}\n",
        "api/api.go": (
            'package api\nimport "example.org/shop/store"\ntype handler struct { store *store.Store }\n'
            "func (h *handler) show() { h.store.Find() }\nfunc serve() { store.New() }\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "api/api.go:handler.show", "store/store.go:Store.Find") is HIGH
    assert how_sure(graph, "api/api.go:serve", "store/store.go:New") is HIGH


def test_a_name_that_its_module_does_not_define_is_no_more_than_its_module() -> None:
    """Generated and computed exports are not seen; then anything of the module may be meant."""
    graph = graph_of({
        "lib/made.js": "Object.assign(exports, make())\nfunction make() { return {} }\n",
        "app/page.ts": "import { sum } from '../lib/made'\nexport function page() { return sum([1]) }\n",
    })  # fmt: skip
    assert how_sure(graph, "app/page.ts:page", "lib/made.js:") is MEDIUM


OVERRIDDEN = {
    "data/source.interface.ts": "export interface Source {\n  history(from: Date): Promise<number>\n}\n",
    "data/one.ts": "import { Source } from './source.interface'\nexport class One implements Source {\n  async history() { return 1 }\n}\n",
    "data/two.ts": "import { Source } from './source.interface'\nexport class Two implements Source {\n  async history() { return 2 }\n}\n",
    "data/other.ts": "export class Other {\n  history() { return 3 }\n}\n",
    "app/page.ts": (
        "import { Source } from '../data/source.interface'\nexport class Page {\n  private source: Source\n"
        "  show() { return this.source.history(new Date()) }\n}\n"
    ),
}


def test_a_method_of_an_interface_may_be_any_class_that_implements_it_and_no_other() -> None:
    """Which of them runs is decided at run time; a class that only has a method of that name is none of them."""
    graph = graph_of(OVERRIDDEN)
    assert how_sure(graph, "app/page.ts:Page.show", "data/one.ts:One.history") is MEDIUM
    assert how_sure(graph, "app/page.ts:Page.show", "data/two.ts:Two.history") is MEDIUM
    assert how_sure(graph, "app/page.ts:Page.show", "data/other.ts:Other.history") is None


def test_an_abstract_method_may_be_that_of_any_subclass() -> None:
    """A template method calls what only its subclasses write."""
    graph = graph_of({
        "a.ts": "export abstract class Calculator {\n  protected abstract rate(x: number): number\n  run() { return this.rate(1) }\n}\n",
        "b.ts": "import { Calculator } from './a'\nexport class Roi extends Calculator {\n  protected rate() { return 2 }\n}\n",
    })  # fmt: skip
    assert how_sure(graph, "a.ts:Calculator.run", "b.ts:Roi.rate") is MEDIUM


def test_a_field_of_an_interface_leads_to_the_class_it_is_declared_as() -> None:
    """Contexts and requests are typed so."""
    graph = graph_of({
        "a.ts": "export class Users {\n  find() { return 1 }\n}\nexport interface Context {\n  users: Users\n}\n",
        "b.ts": "import { Context } from './a'\nexport function page(context: Context) { return context.users.find() }\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Users.find") is HIGH


def test_an_unpacked_parameter_has_the_type_that_is_written_beside_it() -> None:
    """Named arguments are written as an object with a type of its own."""
    graph = graph_of({
        "a.ts": "export class Users {\n  find() { return 1 }\n}\n",
        "b.ts": "import { Users } from './a'\nexport function page({ users, id }: { users: Users; id: string }) { return users.find() }\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Users.find") is HIGH


def test_what_the_language_brings_along_is_nobodys_method() -> None:
    """`Promise.resolve` is no `Impersonation.resolve`, nor are arrays classes of the repository."""
    graph = graph_of({
        "a.ts": "export class Imperson {\n  resolve() { return 1 }\n  flatMap() { return 1 }\n}\n",
        "b.ts": (
            "import { Imperson } from './a'\nexport function page(all: Imperson[], more: Array<Imperson>) {\n"
            "  all.flatMap((x) => x)\n  more.flatMap((x) => x)\n  return Promise.resolve(JSON.stringify(1))\n}\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Imperson.resolve") is None
    assert how_sure(graph, "b.ts:page", "a.ts:Imperson.flatMap") is None
    assert graph.unresolved_calls_count == 0


def test_a_name_of_the_repository_hides_one_of_the_language() -> None:
    """A module may have a `Map` or a `name` of its own."""
    graph = graph_of({
        "a.ts": "export class Map {\n  draw() { return 1 }\n}\n",
        "b.ts": "import { Map } from './a'\nexport function page() { return new Map().draw() }\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Map.draw") is HIGH


def test_an_item_of_a_typed_array_has_its_type() -> None:
    """A loop over typed things calls their methods."""
    graph = graph_of({
        "a.ts": "export class Rule {\n  check() { return 1 }\n}\n",
        "b.ts": (
            "import { Rule } from './a'\nexport function page(rules: Rule[]) {\n"
            "  for (const rule of rules) {\n    rule.check()\n  }\n}\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Rule.check") is HIGH


def test_a_part_of_an_unpacked_array_is_not_the_whole() -> None:
    """`const [first, second] = …` says nothing of what each of them is."""
    graph = graph_of({
        "a.ts": "export class Pair {\n  left() { return 1 }\n}\nexport function pair(): Pair { return new Pair() }\n",
        "b.ts": "import { pair } from './a'\nexport function page() {\n  const [x] = pair()\n  return x.left()\n}\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Pair.left") is LOW


MADE = {
    "typescript": (
        {
            "a.ts": "export class Rule {\n  constructor() { check() }\n}\nfunction check() {}\n",
            "b.ts": "import { Rule } from './a'\nexport function page() { return new Rule() }\n",
        },
        "b.ts:page",
        "a.ts:check",
    ),
    "a base": (
        {
            "a.ts": "export class Base {\n  constructor() { check() }\n}\nfunction check() {}\n",
            "b.ts": "import { Base } from './a'\nexport class Rule extends Base {\n  constructor() { super() }\n}\nexport function page() { return new Rule() }\n",
        },
        "b.ts:page",
        "a.ts:check",
    ),
    "php": (
        {
            "A.php": "<?php\nnamespace X;\nclass A {\n  public function __construct() { $this->check(); }\n  public function check() {}\n}\n",
            "B.php": "<?php\nnamespace X;\nclass B {\n  public function page() { return new A(); }\n}\n",
        },
        "B.php:B.page",
        "A.php:A.check",
    ),
    "ruby": (
        {
            "a.rb": "class A\n  def initialize\n    check\n  end\n  def check\n    1\n  end\nend\n",
            "b.rb": "class B\n  def page\n    A.new\n  end\nend\n",
        },
        "b.rb:B.page",
        "a.rb:A.initialize",
    ),
}


@pytest.mark.parametrize("case", sorted(MADE))
def test_whoever_makes_an_instance_runs_its_constructor(case: str) -> None:
    """What a constructor does is done at every `new`."""
    sources, source, seed = MADE[case]
    assert how_sure(graph_of(sources), source, seed) is HIGH


def test_a_default_of_a_parameter_is_run() -> None:
    """It runs whenever the argument is left out."""
    graph = graph_of({
        "a.ts": "export function now() { return 1 }\n",
        "b.ts": "import { now } from './a'\nexport function page(at = now()) { return at }\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:now") is HIGH


def test_a_type_alone_runs_nothing() -> None:
    """Interfaces and types are gone at run time; a class that is only named as a type may still be one that checks."""
    graph = graph_of({
        "a.ts": "export interface Shape {\n  side: number\n}\nexport class Item {\n  side = 1\n}\n",
        "b.ts": "import { Item, Shape } from './a'\nexport function page() {\n  const one: Shape = null\n  const two: Item = null\n  return [one, two]\n}\n",
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Shape") is None
    assert how_sure(graph, "b.ts:page", "a.ts:Item") is LOW


def test_a_class_in_the_signature_of_a_decorated_method_is_used_at_run_time() -> None:
    """Frameworks make and check such a body by the class that the decorator left behind."""
    graph = graph_of({
        "a.ts": "export class CreateItem {\n  @IsString()\n  name: string\n}\n",
        "b.ts": (
            "import { CreateItem } from './a'\nexport class Items {\n  @Post()\n  create(@Body() data: CreateItem) { return 1 }\n"
            "  plain(data: CreateItem) { return 1 }\n}\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "b.ts:Items.create", "a.ts:CreateItem") is HIGH
    assert how_sure(graph, "b.ts:Items.plain", "a.ts:CreateItem") is LOW


def test_what_a_function_without_a_declared_type_gives_back_is_read_from_its_returns() -> None:
    """Most functions of TypeScript declare no result; with several that differ nothing is told."""
    graph = graph_of({
        "a.ts": (
            "export class Rule {\n  check() { return 1 }\n}\nexport class Other {\n  check() { return 1 }\n}\n"
            "export class Rules {\n  constructor(private readonly all: Rule[]) {}\n"
            "  pick(id: string) {\n    for (const each of this.all) {\n      if (each) { return each }\n    }\n    throw new Error()\n  }\n"
            "  some(id: string) {\n    if (id) { return new Rule() }\n    return new Other()\n  }\n}\n"
        ),
        "b.ts": (
            "import { Rules } from './a'\nexport function page(rules: Rules) { return rules.pick('x').check() }\n"
            "export function both(rules: Rules) { return rules.some('x').check() }\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Rule.check") is HIGH
    assert how_sure(graph, "b.ts:both", "a.ts:Rule.check") is LOW
    assert how_sure(graph, "b.ts:both", "a.ts:Other.check") is LOW


SHOP = {
    "Shop.java": "package s; class Shop { private final Store store; void sell() { store.keep(1); } }",
    "Store.java": "package s; interface Store { void keep(int n); }",
    "Disk.java": "package s; class Disk implements Store { public void keep(int n) { write(n); } private void write(int n) {} }",
}


def test_the_only_class_that_implements_an_interface_is_what_runs() -> None:
    """Services are asked for by interface; a second class, even an unused one, makes it a guess again."""
    assert how_sure(graph_of(SHOP), "Shop.java:Shop.sell", "Disk.java:Disk.write") is HIGH
    fake = {
        "src/test/java/s/FakeStore.java": "package s; class FakeStore implements Store { public void keep(int n) {} }"
    }
    assert how_sure(graph_of(SHOP | fake), "Shop.java:Shop.sell", "Disk.java:Disk.write") is HIGH
    several = {"Cloud.java": "package s; class Cloud implements Store { public void keep(int n) {} }"}
    assert how_sure(graph_of(SHOP | several), "Shop.java:Shop.sell", "Disk.java:Disk.write") is MEDIUM


def test_an_inherited_method_is_called_by_its_bare_name() -> None:
    """That is the everyday form of Java and Ruby."""
    graph = graph_of({
        "Base.java": "package s; class Base { void log() {} }",
        "Shop.java": "package s; class Shop extends Base { void sell() { log(); } }",
    })  # fmt: skip
    assert how_sure(graph, "Shop.java:Shop.sell", "Base.java:Base.log") is HIGH


def test_a_lambda_has_variables_of_its_own() -> None:
    """Reactive code is written in lambdas; a variable of one of them is none of the method around."""
    graph = graph_of({
        "Shop.java": "package s; class Shop { private final Disk disk; void sell() { items.map(item -> { var kept = disk; return kept.keep(item); }); } }",
        "Disk.java": "package s; class Disk { int keep(int n) { return n; } }",
    })  # fmt: skip
    assert how_sure(graph, "Shop.java:Shop.sell", "Disk.java:Disk.keep") is HIGH


def test_a_method_that_is_called_by_its_bare_name_is_no_callback_of_a_library() -> None:
    """Else each private method of a class with an outside base is reached by whoever mentions the class."""
    graph = graph_of({
        "app/models/story.rb": "class Story < ActiveRecord::Base\n  def fetch\n    parsed\n  end\n  def parsed\n    1\n  end\nend\n",
        "app/controllers/a.rb": "class A\n  def show\n    Story.where(id: 1)\n  end\nend\n",
    })  # fmt: skip
    assert how_sure(graph, "app/controllers/a.rb:A.show", "app/models/story.rb:Story.parsed") is None


def test_a_variable_named_after_the_only_class_of_its_name_is_taken_for_one() -> None:
    """The parameter of a lambda has no type; its name is the best that reading has."""
    graph = graph_of({
        "Posts.java": "package s; class Posts { void all() { list.forEach(post -> post.publish()); } }",
        "Post.java": "package s; class Post { void publish() {} }",
        "Mail.java": "package s; class Mail { void publish() {} }",
    })  # fmt: skip
    assert how_sure(graph, "Posts.java:Posts.all", "Post.java:Post.publish") is MEDIUM


def test_a_member_of_a_plain_object_is_that_object_and_no_method_of_anybody() -> None:
    """`permissions.createAccess` names a text of a table; a method of that name elsewhere is something else."""
    graph = graph_of({
        "a.ts": "export const permissions = { createAccess: 'createAccess', sub: { deep: 'x' } } as const\n",
        "b.ts": "export class Dialog {\n  createAccess() { return 1 }\n  deep() { return 1 }\n}\n",
        "c.ts": "import { permissions } from './a'\nexport function page() { return check(permissions.createAccess, permissions.sub.deep) }\nfunction check(a, b) { return a + b }\n",
    })  # fmt: skip
    assert how_sure(graph, "c.ts:page", "b.ts:Dialog.createAccess") is None
    assert how_sure(graph, "c.ts:page", "b.ts:Dialog.deep") is None
    assert how_sure(graph, "c.ts:page", "a.ts:permissions") is HIGH


def test_what_is_only_read_of_something_unknown_is_no_call_of_a_method() -> None:
    """A field of a record is read everywhere; a function that is handed on is an argument or a value."""
    graph = graph_of({
        "a.ts": "export class Dialog {\n  access() { return 1 }\n  list() { return 1 }\n  show() { return 1 }\n}\n",
        "b.ts": (
            "export function page(row, ctrl, router) {\n  if (row.access) { router.on('x', ctrl.list) }\n"
            "  const table = { show: ctrl.show }\n  return table\n}\n"
        ),
    })  # fmt: skip
    assert how_sure(graph, "b.ts:page", "a.ts:Dialog.access") is None
    assert how_sure(graph, "b.ts:page", "a.ts:Dialog.list") is LOW
    assert how_sure(graph, "b.ts:page", "a.ts:Dialog.show") is LOW
