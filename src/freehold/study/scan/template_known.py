"""What chat templates are known to use: functions, methods, filters, and words they test for.

Gathered from the templates of widely used open models and from Jinja's own list of filters. What is
not here need not be bad; it is only not known.
"""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTIONS = _names("raise_exception strftime_now namespace range dict list caller super")
"""That a program which writes out chats gives to a template, or Jinja has by itself."""

METHODS = _names(
    "strip lstrip rstrip split rsplit splitlines startswith endswith upper lower title capitalize "
    "replace join items keys values get append extend insert pop update count find index format "
    "isdigit isupper islower isalpha removeprefix removesuffix"
)

FILTERS = _names(
    "abs batch capitalize count d default dictsort e escape first float forceescape format "
    "groupby indent int items join last length list lower map max min reject rejectattr replace "
    "reverse round safe select selectattr slice sort string strip sum title tojson trim truncate "
    "unique upper urlencode wordcount wordwrap xmlattr from_json"
)

WAYS_OUT = _names(
    "lipsum cycler joiner self request config url_for get_flashed_messages environment "
    "session os sys builtins subprocess importlib eval exec open compile"
)
"""Names from which known ways out of a template begin; no chat needs them."""

KEYWORDS = _names(
    "if elif else endif for endfor in not and or is set endset macro endmacro call endcall filter "
    "endfilter generation endgeneration do with endwith true false none True False None recursive "
    "break continue block endblock autoescape endautoescape loop"
)

WORDS_IN_CONTENT = _names(
    "text image image_url video audio type content role input_audio thinking reasoning file "
    "url string name arguments function parameters properties tool_call tool_calls"
)
"""Keys and kinds of content that templates tell apart: not words that a person writes."""
