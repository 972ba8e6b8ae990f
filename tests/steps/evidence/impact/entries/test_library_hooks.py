"""What libraries call by themselves is told apart from what nothing calls."""

import pytest

from release_harness.steps.evidence.impact.entries.library_hooks import called_by_library
from release_harness.steps.evidence.impact.link import link_sources

CASES: list[tuple[str, str, str]] = [
    ("from pydantic import BaseModel, field_validator\nclass M(BaseModel):\n    @field_validator('a')\n    def check(cls, v): ...\n", "M.check", "app.py"),
    ("from pydantic import BaseModel\nclass M(BaseModel):\n    class Config: ...\n", "M.Config", "app.py"),
    ("from sqlalchemy.orm import validates\nclass M:\n    @validates('a')\n    def check(self, k, v): ...\n", "M.check", "app.py"),
    ("from sqlalchemy.ext.hybrid import hybrid_property\nclass M:\n    @hybrid_property\n    def a(self): ...\n    @a.expression\n    def a_sql(cls): ...\n", "M.a_sql", "app.py"),
    ("from sqlalchemy.types import TypeDecorator\nclass T(TypeDecorator):\n    def process_bind_param(self, v, d): ...\n", "T.process_bind_param", "app.py"),
    ("from sqlalchemy.ext.compiler import compiles\n@compiles(object)\ndef show(e, c): ...\n", "show", "app.py"),
    ("import ast\nclass V(ast.NodeVisitor):\n    def visit_Name(self, node): ...\n", "V.visit_Name", "app.py"),
    ("import json\nclass E(json.JSONEncoder):\n    def default(self, o): ...\n", "E.default", "app.py"),
    ("import logging\nclass H(logging.Handler):\n    def emit(self, record): ...\n", "H.emit", "app.py"),
    ("import asyncio\nclass P(asyncio.Protocol):\n    def data_received(self, data): ...\n", "P.data_received", "app.py"),
    ("import enum\nclass C(enum.Enum):\n    @classmethod\n    def _missing_(cls, v): ...\n", "C._missing_", "app.py"),
    ("import threading\nclass W(threading.Thread):\n    def run(self): ...\n", "W.run", "app.py"),
    ("class A:\n    def __str__(self): ...\n", "A.__str__", "app.py"),
    ("from typing import Protocol\nclass P(Protocol):\n    def read(self): ...\n", "P.read", "app.py"),
    ("from abc import ABC, abstractmethod\nclass P(ABC):\n    @abstractmethod\n    def read(self): ...\n", "P.read", "app.py"),
    ("from django.contrib import admin\nclass A(admin.ModelAdmin):\n    def save_model(self, *a): ...\n", "A.save_model", "app.py"),
    ("from django import forms\nclass F(forms.Form):\n    def clean_name(self): ...\n", "F.clean_name", "app.py"),
    ("from django.db import models\nclass M(models.Model):\n    def clean(self): ...\n", "M.clean", "app.py"),
    ("from django.apps import AppConfig\nclass A(AppConfig):\n    def ready(self): ...\n", "A.ready", "shop/apps.py"),
    ("from django import template\nregister = template.Library()\n@register.filter\ndef cut(v): ...\n", "cut", "app.py"),
    ("from rest_framework import serializers\nclass S(serializers.Serializer):\n    def validate_name(self, v): ...\n", "S.validate_name", "app.py"),
    ("import factory\nclass F(factory.Factory):\n    @factory.lazy_attribute\n    def name(self): ...\n", "F.name", "app.py"),
    ("from marshmallow import Schema, post_load\nclass S(Schema):\n    @post_load\n    def make(self, d): ...\n", "S.make", "app.py"),
    ("revision = 'a'\ndef upgrade(): ...\n", "upgrade", "versions/a.py"),
    ("from celery.signals import task_failure\n@task_failure.connect\ndef log(**k): ...\n", "log", "app.py"),
    ("import atexit\n@atexit.register\ndef bye(): ...\n", "bye", "app.py"),
    ("import attr\nclass A:\n    x = attr.ib()\n    @x.validator\n    def check(self, a, v): ...\n", "A.check", "app.py"),
    ("def pytest_addoption(parser): ...\n", "pytest_addoption", "conftest.py"),
    ("class R:\n    def run(self, kind):\n        return getattr(self, f'do_{kind}')()\n    def do_it(self): ...\n", "R.do_it", "app.py"),
    ("TABLE = {}\ndef keep(name):\n    def inner(f):\n        TABLE[name] = f\n        return f\n    return inner\n@keep('x')\ndef kept(): ...\n", "kept", "app.py"),
    ("class Base:\n    kinds = []\n    def __init_subclass__(cls): Base.kinds.append(cls)\nclass One(Base): ...\n", "One", "app.py"),
    ("import unknown_library\nclass A(unknown_library.Thing):\n    def on_anything(self): ...\n", "A.on_anything", "app.py"),
]  # fmt: skip
NOT_CALLED: list[tuple[str, str]] = [
    ("def alone(): ...\n", "alone"),
    ("class A:\n    def alone(self): ...\n", "A.alone"),
    ("from pydantic import BaseModel\nclass M(BaseModel):\n    def alone(self): ...\n", "M.alone"),
    ("from django.db import models\nclass M(models.Model):\n    def alone(self): ...\n", "M.alone"),
    ("import enum\nclass C(enum.Enum):\n    def alone(self): ...\n", "C.alone"),
    ("class E(Exception):\n    def alone(self): ...\n", "E.alone"),
    ("import functools\n@functools.lru_cache\ndef alone(): ...\n", "alone"),
    ("from contextlib import contextmanager\n@contextmanager\ndef alone(): ...\n", "alone"),
    ("class A:\n    @property\n    def alone(self): ...\n", "A.alone"),
    ("class A:\n    @staticmethod\n    def alone(): ...\n", "A.alone"),
    ("from tenacity import retry\n@retry\ndef alone(): ...\n", "alone"),
    ("import functools\ndef timed(f):\n    @functools.wraps(f)\n    def inner():\n        return f()\n    return inner\n@timed\ndef alone(): ...\n", "alone"),
    ("def upgrade(): ...\n", "upgrade"),
    ("def pytest_addoption(parser): ...\n", "pytest_addoption"),
    ("from dataclasses import dataclass\n@dataclass\nclass A:\n    def alone(self): ...\n", "A.alone"),
    ("class R:\n    def run(self, kind):\n        return getattr(self, f'do_{kind}')()\n    def alone(self): ...\n", "R.alone"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "name", "path"), CASES, ids=[name for _, name, _ in CASES])
def test_hooks_of_libraries_are_known(source: str, name: str, path: str) -> None:
    """An alarm about a validator teaches people to ignore alarms."""
    assert called_by_library(link_sources({path: source}).program, f"{path}:{name}")


@pytest.mark.parametrize(("source", "name"), NOT_CALLED, ids=[str(at) for at in range(len(NOT_CALLED))])
def test_what_nothing_calls_stays_so(source: str, name: str) -> None:
    """A hook list that excuses everything would silence the alarm."""
    assert called_by_library(link_sources({"app.py": source}).program, f"app.py:{name}") == ""
