"""Pyramid applications whose routes are services and resources, with Cornice or a copy of it."""

from release_harness.steps.evidence.impact.entries.pyramid import PyramidFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

APP = "from pyramid.config import Configurator\ndef main(settings):\n    return Configurator(settings=settings).make_wsgi_app()\n"


def entries(sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries of an application by their names."""
    framework = PyramidFramework()
    linked = link_sources({"main.py": APP, **sources}, (framework,))
    return {each.name: each for found in discover(linked, (framework,)) for each in found.entries}


def around(sources: dict[str, str]) -> dict[str, str]:
    """Return what stands around all entries, with its reason."""
    framework = PyramidFramework()
    linked = link_sources({"main.py": APP, **sources}, (framework,))
    return {each.symbol: each.reason for found in discover(linked, (framework,)) for each in found.around}


def test_the_views_of_a_service_have_its_path() -> None:
    """The path stands where the service is made, and the verb at each view."""
    found = entries({
        "views.py": "from cornice import Service\nfrom other import shared\nusers = Service(name='users', path='/users/{id}')\n"
        "@users.get(permission='see')\ndef show(request): ...\n@users.post()\ndef change(request): ...\n"
        "@shared.delete()\ndef drop(request): ...\ndef imperative(request): ...\nusers.add_view('PUT', imperative)\n",
        "other.py": "from cornice.service import Service\nshared = Service('shared', '/shared')\n",
    })  # fmt: skip
    assert {name: each.handler for name, each in found.items()} == {
        "GET /users/{id}": "views.py:show", "POST /users/{id}": "views.py:change", "DELETE /shared": "views.py:drop",
        "PUT /users/{id}": "views.py:imperative",
    }  # fmt: skip
    assert [each.name for each in found["GET /users/{id}"].guards] == ['permission="see"']


COPY = {
    "shop/rest/__init__.py": "from shop.rest.hook import register_views\n"
    "def includeme(config):\n    config.add_directive('add_service', register_views)\n"
    "    config.add_view(on_error, context=Exception)\ndef on_error(error, request): ...\n",
    "shop/rest/hook.py": "from pyramid.security import NO_PERMISSION_REQUIRED\ndef register_views(config, service):\n"
    "    config.add_route(service.name, service.path)\n    for method, view in service.definitions:\n"
    "        made = wrapped(view)\n        config.add_view(view=made, route_name=service.name, request_method=method)\n"
    "    config.add_view(view=otherwise(service), route_name=service.name, permission=NO_PERMISSION_REQUIRED)\n"
    "def wrapped(view):\n    def answer(request): ...\n    return answer\n"
    "def otherwise(service):\n    def refuse(request): ...\n    return refuse\n",
    "shop/rest/service.py": "class Service:\n    def __init__(self, name, path, **kw): ...\n    def add_view(self, method, view): ...\n"
    "    def decorator(self, method):\n        def wrap(view):\n            self.add_view(method, view)\n            return view\n        return wrap\n"
    "    def get(self):\n        return self.decorator('GET')\n    def post(self):\n        return self.decorator('POST')\n",
    "shop/core.py": "from shop.rest.service import Service as Copied\nclass Service(Copied):\n    pass\n",
    "shop/views.py": "from shop.core import Service\nflush = Service(name='flush', path='/flush')\n"
    "@flush.post()\ndef run(request): ...\ndef includeme(config):\n    config.add_service(flush)\n",
}


def test_a_copy_of_the_library_inside_the_repository_is_read_as_the_library() -> None:
    """What the copy registers for the views of any service is known from each; what it adds to every service is another view there."""
    found = entries(COPY)
    assert {name: each.handler for name, each in found.items()} == {
        "POST /flush": "shop/views.py:run",
        "ANY /flush": "shop/rest/hook.py:otherwise.<locals>.refuse",
    }


def test_a_view_for_an_exception_is_no_way_in() -> None:
    """Nobody can ask for it; it answers after whatever failed, whichever route that was."""
    assert around(COPY) == {"shop/rest/__init__.py:on_error": "exception handler"}
    found = {
        "views.py": "from pyramid.view import view_config\nfrom pyramid import httpexceptions\nclass Gone(ValueError): ...\n"
        "@view_config(context=httpexceptions.HTTPNotFound)\ndef lost(request): ...\n"
        "@view_config(context=Gone)\ndef gone(request): ...\nclass Page: ...\n@view_config(context=Page)\ndef page(request): ...\n",
    }
    assert set(around(found)) == {"views.py:lost", "views.py:gone"}
    assert [each.handler for each in entries(found).values()] == ["views.py:page"]


def test_a_resource_answers_with_the_methods_that_are_named_after_verbs() -> None:
    """One class is the list and the object; its methods say which verbs there are, own or inherited."""
    found = entries({
        "views.py": "from cornice.resource import resource, view\nfrom base import Base\n"
        "@resource(collection_path='/users', path='/users/{id}')\nclass Users(Base):\n"
        "    def collection_get(self): ...\n    @view(permission='edit')\n    def put(self): ...\n",
        "base.py": "class Base:\n    def get(self): ...\n    def helper(self): ...\n",
    })  # fmt: skip
    assert {name: (each.handler, each.receiver) for name, each in found.items()} == {
        "GET /users": ("views.py:Users.collection_get", ""),
        "PUT /users/{id}": ("views.py:Users.put", ""),
        "GET /users/{id}": ("base.py:Base.get", "views.py:Users"),
    }
    assert [each.name for each in found["PUT /users/{id}"].guards] == ['permission="edit"']


def test_a_decorator_of_the_project_that_makes_resources_is_read_by_what_its_paths_are_called() -> None:
    """Frameworks on Pyramid name their paths and methods alike: `list_path` is answered by `list_get`, else by `get`."""
    found = entries({
        "shop/resource.py": "from pyramid.security import NO_PERMISSION_REQUIRED\ndef register(**kwargs):\n    def wrap(cls):\n        return cls\n    return wrap\n"
        "class Resource:\n    def list_get(self): ...\n    def list_post(self): ...\n    def get(self): ...\n    def delete(self): ...\n",
        "shop/views.py": "from shop import resource\n_parent = '/shops/{{shop}}'\n"
        "@resource.register(name='item', list_path=_parent + '/items', object_path=_parent + '/items/{{id}}', list_methods=('GET',))\n"
        "class Item(resource.Resource):\n    def delete(self): ...\n"
        "@resource.register(name='log', list_path='/log', object_path=None)\nclass Log(resource.Resource): ...\n"
        "@resource.register(name='user', list_path='/users', object_path='/users/{{id}}', list_methods=tuple(), object_methods=('DELETE',))\n"
        "class User(resource.Resource): ...\n",
    })  # fmt: skip
    assert {name: (each.handler.rpartition(":")[2], each.receiver.rpartition(":")[2]) for name, each in found.items()} == {
        "GET /shops/{shop}/items": ("Resource.list_get", "Item"),
        "GET /shops/{shop}/items/{id}": ("Resource.get", "Item"),
        "DELETE /shops/{shop}/items/{id}": ("Item.delete", ""),
        "GET /log": ("Resource.list_get", "Log"),
        "POST /log": ("Resource.list_post", "Log"),
        "DELETE /users/{id}": ("Resource.delete", "User"),
    }  # fmt: skip
