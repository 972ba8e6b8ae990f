"""Graphene and Strawberry: the fields of root types."""

from release_harness.steps.evidence.impact.entries.contract import Framework
from release_harness.steps.evidence.impact.entries.graphene import GrapheneFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.entries.strawberry import StrawberryFramework
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint


def entries(framework: Framework, sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries by their names."""
    return {
        each.name: each
        for found in discover(link_sources(sources, (framework,)), (framework,))
        for each in found.entries
    }


GRAPHENE = (
    "import graphene\nclass BaseMutation(graphene.Mutation):\n"
    "    @classmethod\n    def mutate(cls, root, info): return cls.perform_mutation(root, info)\n"
    "class UserCreate(BaseMutation):\n    class Meta:\n        permissions = (Perms.MANAGE_USERS,)\n"
    "    @classmethod\n    def perform_mutation(cls, root, info): ...\n"
)


def test_a_mutation_runs_the_inherited_method_bound_to_its_own_class() -> None:
    """All mutations of an application share one `mutate`; without the class each would reach what every other reaches."""
    found = entries(GrapheneFramework(), {
        "api.py": GRAPHENE + "class Mutation(graphene.ObjectType):\n    user_create = UserCreate.Field()\n"
        "class Query(graphene.ObjectType):\n    ping = graphene.String()\n    def resolve_ping(self, info): ...\n"
        "schema = graphene.Schema(query=Query, mutation=Mutation)\n",
    })  # fmt: skip
    entry = found["mutation userCreate"]
    assert (entry.handler, entry.receiver) == ("api.py:BaseMutation.mutate", "api.py:UserCreate")
    assert [each.name for each in entry.guards] == ["Perms.MANAGE_USERS"]
    assert found["query ping"].handler == "api.py:Query.resolve_ping"


def test_fields_come_through_the_bases_of_a_root_and_a_builder_of_the_repository() -> None:
    """Large schemas are put together from one class for each part, by a function of their own."""
    found = entries(GrapheneFramework(), {
        "api.py": "import graphene\nfrom fields import PermissionsField\nclass Shop(graphene.ObjectType):\n"
        "    shop_list = PermissionsField(graphene.String, permissions=[Perms.SEE])\n    def resolve_shop_list(self, info): ...\n"
        "class Lost(graphene.ObjectType):\n    x = graphene.String()\n    def resolve_x(self, info): ...\n"
        "class LostQueries(Lost):\n    y = graphene.String()\n    def resolve_y(self, info): ...\n"
        "class Query(Shop): ...\n"
        "def build_schema(query, mutation=None):\n    return graphene.Schema(query=query, mutation=mutation)\n"
        "schema = build_schema(Query)\n",
        "fields.py": "import graphene\nclass PermissionsField(graphene.Field): ...\n",
    })  # fmt: skip
    assert [each.name for each in found["query shopList"].guards] == ["Perms.SEE"]
    assert found["query shopList"].mounted is True
    assert found["query y"].mounted is False
    assert "query x" not in found


def test_strawberry_fields_have_their_resolvers_and_permission_classes() -> None:
    """A permission class that is dropped from a field opens exactly that field."""
    found = entries(StrawberryFramework(), {
        "api.py": "import strawberry\nfrom strawberry.tools import merge_types\nfrom perms import IsAdmin\ndef load(): ...\n"
        "@strawberry.type\nclass A:\n    @strawberry.field(permission_classes=[IsAdmin])\n    def user_names(self): ...\n"
        "@strawberry.type\nclass B:\n    loaded: str = strawberry.field(resolver=load)\n    plain: int = 3\n"
        "@strawberry.type\nclass Mutation:\n    @strawberry.mutation\n    def add_user(self): ...\n"
        "Query = merge_types('Query', (A, B))\nschema = strawberry.Schema(query=Query, mutation=Mutation)\n",
        "perms.py": "from strawberry.permission import BasePermission\nclass IsAdmin(BasePermission): ...\n",
    })  # fmt: skip
    assert set(found) == {"query userNames", "query loaded", "mutation addUser"}
    assert found["query userNames"].guards[0].symbol == "perms.py:IsAdmin"
    assert found["query loaded"].handler == "api.py:load"
