"""Where lines break that hold long paths."""

from release_harness.kernel.wrapping import wrap_text


def test_a_long_path_is_broken_after_one_of_its_folders() -> None:
    """A name that is torn in the middle can neither be read nor be searched for."""
    path = (
        "(apps/server/src/services/queues/data-gathering-of-everything/data-gathering-of-everything.processor.ts:102)"
    )
    told = wrap_text(f"DataGatheringProcessor.gather {path}", 80, first="      ", rest="        ")

    assert [each.strip() for each in told] == [
        "DataGatheringProcessor.gather (apps/server/src/services/queues/",
        "data-gathering-of-everything/",
        "data-gathering-of-everything.processor.ts:102)",
    ]
    assert all(len(each) <= 80 for each in told)


def test_a_name_without_folders_is_broken_where_the_line_ends() -> None:
    """Nothing may stand out of a terminal, whatever a repository calls its things."""
    assert [len(each) for each in wrap_text("x" * 200, 80, first="  ", rest="    ")] == [80, 80, 50]


def test_hyphens_do_not_break() -> None:
    """`registered-not-mounted` is one word."""
    assert wrap_text("it is registered-not-mounted", 24) == ["it is", "registered-not-mounted"]
