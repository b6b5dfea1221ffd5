"""Bodies that are wider than a page, for the tests of ``--to pdf``: strings that nothing breaks,
in every place of a body; tables by what their cells hold; nests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pdf_samples import REF

STRINGS = {
    "digest": "deadbeefcafe0123" * 14,
    "address": "https://example.org/" + "a1b2c3d4/" * 30,
    "base64": "AAAAB3NzaC1yc2EAAAADAQABAAABgQ" * 8 + "==",
    "chinese": "海は急ぎません潮位計を作る" * 18,
    "thai": "ภาษาไทยเขียนติดกันไม่เว้นวรรค" * 10,
    "soft": "Donau\u00addampf\u00adschiff\u00adfahrts\u00adgesell\u00adschafts\u00ad" * 8,
    "capitals": "WMWMWMWM" * 25,
    "underlined": "x_y_z_" * 40,
    "arabic": "والاستقلالية" * 20,
    "bound": "so\u00a0much\u00a0in\u00a0one\u00a0" * 14,
}
PLACES = (
    "<p>before {} after</p>",
    "<p>before <code>{}</code> after</p>",
    "<p>glued<em>to{}</em>{}<strong>{}</strong></p>",
    '<p><a href="https://example.org/{}">{}</a></p>',
    "<h2>{}</h2><p>below</p>",
    "<ul><li>{}<ul><li><p>{}</p></li></ul></li></ul>",
    "<dl><dt>{}</dt><dd>{}</dd></dl>",
    "<blockquote><p>{}</p></blockquote>",
    "<pre>{}</pre>",
    '<pre data-language="text"><code>{}</code></pre>',
    f'<figure><img src="image:{REF}" alt="{{}}"/><figcaption>{{}}</figcaption></figure>',
    "<table><caption>{}</caption><tbody><tr><th>{}</th><td>short</td></tr></tbody></table>",
    "<details><summary>{}</summary><p>{}</p></details>",
    "<p><ruby>{}<rp>(</rp><rt>{}</rt><rp>)</rp></ruby></p>",
    """<p>noted<sup><a role="doc-noteref" id="fnref-1" href="#fn-1">1</a></sup></p>
    <section role="doc-endnotes"><ol><li id="fn-1"><p>{}</p></li></ol></section>""",
)
FORMULA = "<math display='inline'><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></math>"
DRAWING = '<svg width="900" height="30" viewBox="0 0 900 30"><rect width="900" height="30"/></svg>'
CELLS = {
    "numbers": "{}.25",
    "words": "some words of cell {} here",
    "long": "AbstractSingletonProxyFactoryBean{}",
    "code": "<code>call_of_function_{}(x)</code>",
    "block": '<pre data-language="c"><code>int main_{}(void) { return call(1, 2); }</code></pre>',
    "picture": f'{{}} <img src="image:{REF}" alt="red" width="640" height="40"/>',
    "formula": f"{{}} {FORMULA}",
    "table": "<table><tbody><tr><th>ID</th><td>{}</td><td>inmost</td></tr></tbody></table>",
    "list": "<ul><li>one {}<ul><li>two</li></ul></li></ul>",
    "quote": "<blockquote><p>said {}</p></blockquote>",
}
NESTS = (
    ("<ul><li>level", "</li></ul>"),
    ("<ol><li>", "</li></ol>"),
    ("<blockquote><p>level</p>", "</blockquote>"),
    ("<ul><li><blockquote>", "</blockquote></li></ul>"),
    ("<dl><dt>level</dt><dd>", "</dd></dl>"),
)


def strings(text: str) -> str:
    """A body with the text in every place."""
    return "<div>" + "".join(place.replace("{}", text) for place in PLACES) + "</div>"


def table(columns: int, cell: str, rows: int = 3, head: bool = True) -> str:
    """A table whose cells hold this, ``{}`` standing for row and column."""

    def row(at: int) -> Iterator[str]:
        yield "<tr>"
        for column in range(columns):
            yield "<td>" + cell.replace("{}", f"{at}x{column}") + "</td>"
        yield "</tr>"

    heads = "".join(f'<th scope="col">Head{at}</th>' for at in range(columns))
    top = f"<thead><tr>{heads}</tr></thead>" if head else ""
    body = "".join(chain.from_iterable(row(at) for at in range(rows)))
    return f"<table>{top}<tbody>{body}</tbody></table>"


def nest(opening: str, closing: str, depth: int, inside: str) -> str:
    """Something at the bottom of a nest."""
    return opening * depth + inside + closing * depth
