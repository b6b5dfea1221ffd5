"""The commands of TeX that only typeset: the one judge of TeX.

Pandoc hands a formula to a real TeX, pages to MathJax or KaTeX, and there a command may lead
to an address, load a file, carry a style or define another.  Which of them act differs from
engine to engine and from year to year, so a formula is judged by what is known to draw signs:
whatever is not named here may act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from convert.content.vocabulary import names
from convert.text.late import Late

if TYPE_CHECKING:
    from latex2mathml import symbols_parser
else:
    symbols_parser = Late("latex2mathml.symbols_parser")

_SIGNS = frozenset("\\,;:!> \n\t{}|$%&#_-/'`\"^~=.()[]*+")
"""What may follow a backslash alone: spaces, accents, and signs that are shown as they are."""

_WRITTEN = names(
    # letters and signs that latex2mathml's table of Unicode symbols lacks
    " AA AE Alpha Beta Chi Complex Dagger Epsilon Eta Iota Kappa LaTeX Mu N Nu O OE Omicron P"
    " R Reals Rho Tau TeX Z Zeta aa ae alef alefsym bull clubs cnums copyright dag ddag"
    " diamonds empty exist hearts i infin isin j lq mathellipsis minuso natnums o oe plusmn"
    " real reals rq sdot sect spades ss sub sube supe textdegree thetasym varcoppa varvdots"
    " weierp Larr Rarr Uarr Darr Harr Lrarr larr rarr uarr darr harr lrarr dArr hArr lArr rArr"
    " uArr lrArr approxcolon approxcoloncolon coloncolon colonapprox colonequals"
    " coloncolonequals colonminus colonsim coloncolonapprox coloncolonminus coloncolonsim"
    " dblcolon doublecap doublecup equalscolon equalscoloncolon minuscolon minuscoloncolon"
    " ordinarycolon ratio simcolon simcoloncolon vcentcolon Colonapprox Colonsim Eqcolon"
    " Eqqcolon dotsx nleqq nsupseteqq shortparallel idotsint intop nuparrow ndownarrow Upgamma"
    " Updelta Uptheta Uplambda Upxi Uppi Upsigma Upupsilon Upphi Uppsi Upomega ohm celsius"
    " perthousand micro"
    # functions and operators
    " Pr arccos arcctg arcsin arctan arctg arg argmax argmin bmod ch cos cosec cosh cot cotg"
    " coth csc ctg cth deg det dim exp gcd hom inf injlim ker lg lim liminf limsup ln log max"
    " min mod operatorname operatornamewithlimits plim pmod pod projlim sec sh sin sinh sup"
    " tan tanh tg th varinjlim varliminf varlimsup varprojlim limits nolimits displaylimits"
    # what is built of parts
    " above abovewithdelims atop atopwithdelims binom brace brack cfrac choose dbinom dfrac"
    " frac genfrac over overwithdelims splitdfrac splitfrac tbinom tfrac leftroot root uproot"
    " adjustlimits buildrel overset overunderset prescript sideset stackbin stackrel substack"
    " underset bcancel boxed cancel cancelto centernot fbox phase sout xcancel Bra Braket Ket"
    " Set bra braket ket set angl angln"
    # accents, braces and arrows that grow
    " H c overgroup overleftharpoon overlinesegment overrightharpoon Overrightarrow r skew u"
    " undergroup underleftrightarrow underlinesegment v widecheck xLeftarrow xLeftrightarrow"
    " xRightarrow xhookleftarrow xhookrightarrow xleftarrow xleftequilibrium xleftharpoondown"
    " xleftharpoonup xleftrightarrow xleftrightharpoons xlongequal xmapsto xrightarrow"
    " xrightequilibrium xrightharpoondown xrightharpoonup xrightleftarrows xrightleftharpoons"
    " xtofrom xtwoheadleftarrow xtwoheadrightarrow ce pu"
    # brackets of a size
    " left middle right big bigg Big Bigg bigl bigm bigr biggl biggm biggr Bigl Bigm Bigr"
    " Biggl Biggm Biggr"
    # words and letters of a kind
    " emph hbox mbox text textbf textit textmd textnormal textrm textsf texttt textup"
    " textasciicircum textasciitilde textbackslash textbar textbardbl textbraceleft"
    " textbraceright textcircled textcopyright textdagger textdaggerdbl textdollar"
    " textellipsis textemdash textendash textgreater textless textquotedblleft"
    " textquotedblright textquoteleft textquoteright textregistered textsterling"
    " textunderscore Bbb bf bm bold boldsymbol cal frak it mit oldstyle pmb rm scr sf tt"
    " mathbfcal mathbffrak mathbfscr mathbfsf mathbfsfit mathbfsfup mathbfup mathnormal"
    " mathscr mathsfup mathup symbb symbf symbfcal symbffrak symbfit symbfscr symbfsf"
    " symbfsfit symbfsfup symbfup symcal symfrak symit symnormal symrm symscr symsf symsfit"
    " symsfup symtt symup"
    # classes of atoms, sizes, styles, colours
    " mathbin mathchoice mathclose mathinner mathop mathopen mathord mathpunct mathrel"
    " mathstrut displaystyle scriptscriptstyle scriptstyle textstyle cramped nonscript strut"
    " Huge LARGE Large Tiny footnotesize huge large normalsize scriptsize small tiny color"
    " colorbox textcolor"
    # spaces and places
    " allowbreak centering clap enskip enspace hfil hfill hphantom hskip kern llap lower"
    " mathclap mathllap mathrlap mkern moveleft moveright mskip mspace negmedspace"
    " negthickspace negthinspace newline nobreak nobreakspace noindent phantom qquad raise"
    " raisebox relax rlap shoveleft shoveright smash space thickspace thinspace vcenter"
    " vphantom vspace"
    # rows, numbers, names of equations
    " cr displaylines eqalign eqalignno hdashline hline label leqalignno nonumber notag"
    " phantomsection tag cases matrix pmatrix"
)
_COLOURED = names("color colorbox textcolor")
# MathJax writes a colour into a style, so it must be a name or numbers.
_COLOUR = re.compile(r"\s*(?:\[\w*\]\s*)?\{[\w#., -]*\}", re.ASCII)

ENVIRONMENTS = names(
    "align alignat aligned alignedat array Bmatrix bmatrix Bsmallmatrix bsmallmatrix cases CD"
    " darray dcases displaymath drcases eqnarray equation flalign gather gathered lgathered math"
    " matrix multline multlined pmatrix psmallmatrix rcases rgathered smallmatrix split subarray"
    " Vmatrix vmatrix Vsmallmatrix vsmallmatrix xalignat xxalignat"
)

# "^^5c" is a backslash to TeX.
_COMMAND = re.compile(
    r"\\(?:(?P<edge>begin|end)(?![A-Za-z])(?:\s*\{(?P<environment>[^{}\\]*)\})?"
    r"|(?P<word>[A-Za-z]+)|(?P<sign>[^A-Za-z]?))|\^\^"
)


@cache
def _commands() -> frozenset[str]:
    symbols = re.findall(r"\\([A-Za-z]+)", " ".join(symbols_parser.parse_symbols()))
    return _WRITTEN | frozenset(symbols)


def is_known(word: str) -> bool:
    """Return whether a command of this name draws signs."""
    return word in _commands()


def only_typesets(tex: str) -> bool:
    """Return whether TeX can do nothing but draw signs."""
    return next(active(tex), None) is None


def active(tex: str) -> Iterator[re.Match[str]]:
    """Yield each command that may do more, with the name of its environment."""
    for command in _COMMAND.finditer(tex):
        if word := command["word"]:
            harmless = is_known(word)
            if word in _COLOURED:
                harmless = _COLOUR.match(tex, command.end()) is not None
        elif command["edge"]:
            harmless = (command["environment"] or "").removesuffix("*") in ENVIRONMENTS
        else:
            harmless = (command["sign"] or "?") in _SIGNS
        if not harmless:
            yield command


def active_in_prose(text: str) -> Iterator[re.Match[str]]:
    """Yield those of ``active`` that an engine may know, of text that may be no formula at all.

    None that acts has a name of one or two letters, as the classes of regular expressions have.
    """
    return (each for each in active(text) if each["edge"] or len(each["word"] or "") > 2)
