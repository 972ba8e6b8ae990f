"""Wraps sentences that hold long paths: a line breaks between words, else after a folder, and only then inside a name."""

import textwrap


class _Wrapper(textwrap.TextWrapper):
    """Breaks what is longer than a line after a slash of its path, where there is one."""

    def _handle_long_word(self, chunks: list[str], cur_line: list[str], cur_len: int, width: int) -> None:
        left = max(1, width - cur_len)
        cut = chunks[-1].rfind("/", 0, left) + 1
        if cut > 1:
            cur_line.append(chunks[-1][:cut])
            chunks[-1] = chunks[-1][cut:]
        elif cur_line and "/" in chunks[-1][:width]:
            return  # it breaks better on a line of its own
        else:
            super()._handle_long_word(chunks, cur_line, cur_len, width)


def wrap_text(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Return the lines of a text, the first after `first` and the others after `rest`; none for an empty text."""
    wrapper = _Wrapper(width=width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return wrapper.wrap(text)
