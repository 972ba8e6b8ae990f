"""What queries of an object-relational mapper give: rows that are instances of the model they were asked for."""

QUERY = "mapper.Query"
"""Type of a query whose item is the model."""
QUERIES = frozenset({"query", "objects", "_default_manager"})
"""Attributes of a model that a library gives to it, and by which it is asked."""
SAME_ROWS = frozenset(
    {
        *(
            "filter",
            "filter_by",
            "where",
            "exclude",
            "order_by",
            "distinct",
            "limit",
            "offset",
            "union",
            "options",
            "all",
        ),
        *(
            "join",
            "outerjoin",
            "select_from",
            "group_by",
            "having",
            "with_for_update",
            "yield_per",
            "execution_options",
        ),
        *(
            "select_related",
            "prefetch_related",
            "annotate",
            "using",
            "only",
            "defer",
            "reverse",
            "iterator",
            "get_queryset",
        ),
        *(
            "scalars",
            "unique",
            "values",
            "copy",
            "paginate",
            "populate_existing",
            "enable_eagerloads",
            "select_for_update",
        ),
        *(
            "add_columns",
            "slice",
            "bulk_create",
            "fetchall",
            "partitions",
            "in_bulk",
            "none",
            "reset_joinpoint",
            "from_self",
        ),
    }
)
"""Methods that give what they were asked on, or several of its items."""
ONE_ROW = frozenset(
    {
        *("get", "pop", "popleft", "popitem", "setdefault", "first", "last", "one", "one_or_none", "scalar_one"),
        *("scalar_one_or_none", "scalar", "first_or_404", "one_or_404", "get_or_404", "one_or_none_or_404", "earliest"),
        *("latest", "create", "fetchone", "aget", "afirst", "alast", "acreate", "get_one", "get_by_id"),
    }
)
"""Methods that give one item."""
MAKERS = frozenset({"query", "select"})
"""Functions that make a query of the model that is their first argument."""
RUNNERS = frozenset({"exec", "execute", "scalars", "stream_scalars"})
"""Methods of a session that run the query which is their first argument."""
FINDERS = frozenset({"get_object_or_404", "get_or_404", "aget_object_or_404", "get_one"})
"""Functions that give one row of the model, or query, that is their first argument."""
RELATIONS = frozenset({"relationship", "Relationship", "ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey"})
"""Fields of a model that hold rows of another."""
ASKING = MAKERS | RUNNERS | FINDERS | {"scalar", "get"}
