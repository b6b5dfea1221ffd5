"""The words that we print ourselves, by language; dates by Babel.

One table, one line a phrase.  A language that is not in it is served in English, a regional
form ("fr-CA") by its language.  ``{name}`` stands for a value.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.lists import format_list

from convert.text.languages import fallbacks

LANGUAGES = ("en", "fr", "de", "es", "it", "ja")
"""The languages of the table, in the order of its columns."""

PHRASES: dict[str, tuple[str, str, str, str, str, str]] = {
    "contents": ("Contents", "Table des matières", "Inhalt", "Índice", "Indice", "目次"),
    "cover": ("Cover", "Couverture", "Umschlag", "Cubierta", "Copertina", "表紙"),
    "title_page": (
        "Title page",
        "Page de titre",
        "Titelseite",
        "Portada",
        "Frontespizio",
        "タイトルページ",
    ),
    "colophon": ("Colophon", "Colophon", "Impressum", "Colofón", "Colophon", "奥付"),
    "chronology": (
        "Chronology",
        "Chronologie",
        "Chronologie",
        "Cronología",
        "Cronologia",
        "年表",
    ),
    "people": ("People", "Personnes", "Personen", "Personas", "Persone", "著者一覧"),
    "categories": (
        "Categories",
        "Catégories",
        "Kategorien",
        "Categorías",
        "Categorie",
        "カテゴリー",
    ),
    "category": ("Category", "Catégorie", "Kategorie", "Categoría", "Categoria", "カテゴリー"),
    "uncategorised": (
        "Uncategorised",
        "Sans catégorie",
        "Ohne Kategorie",
        "Sin categoría",
        "Senza categoria",
        "未分類",
    ),
    "undated": ("Undated", "Sans date", "Ohne Datum", "Sin fecha", "Senza data", "日付なし"),
    "referenced_by": (
        "Referenced by",
        "Cité par",
        "Zitiert von",
        "Citado por",
        "Citato da",
        "この記事への言及",
    ),
    "in_reply_to": (
        "In reply to",
        "En réponse à",
        "Antwort auf",
        "En respuesta a",
        "In risposta a",
        "返信先",
    ),
    "refers_to": ("Refers to", "Renvoie à", "Verweist auf", "Remite a", "Rimanda a", "言及先"),
    "others_one": ("1 other", "1 autre", "1 weitere", "1 más", "un altro", "ほか1名"),
    "others": (
        "{count} others",
        "{count} autres",
        "{count} weitere",
        "{count} más",
        "altri {count}",
        "ほか{count}名",
    ),
    "accessible": (
        (
            "Reflowable text with a table of contents, headings in order, links between entries"
            " and indexes. Every picture has a description."
        ),
        (
            "Texte adaptable avec table des matières, titres hiérarchisés, liens entre les articles"
            " et index. Chaque image est décrite."
        ),
        (
            "Anpassbarer Text mit Inhaltsverzeichnis, geordneten Überschriften, Verweisen zwischen"
            " den Beiträgen und Registern. Jedes Bild ist beschrieben."
        ),
        (
            "Texto adaptable con índice, títulos ordenados, enlaces entre entradas e índices"
            " temáticos. Todas las imágenes están descritas."
        ),
        (
            "Testo adattabile con indice, titoli in ordine, collegamenti tra gli articoli e indici"
            " analitici. Ogni immagine è descritta."
        ),
        (
            "リフロー型のテキストです。目次、順序どおりの見出し、記事間のリンク、索引があります。"
            "すべての画像に説明があります。"
        ),
    ),
    "accessible_in_part": (
        (
            "Reflowable text with a table of contents, headings in order, links between entries"
            " and indexes. Some pictures have no description, because their source gives none."
        ),
        (
            "Texte adaptable avec table des matières, titres hiérarchisés, liens entre les articles"
            " et index. Certaines images n’ont pas de description, faute d’en avoir à la source."
        ),
        (
            "Anpassbarer Text mit Inhaltsverzeichnis, geordneten Überschriften, Verweisen zwischen"
            " den Beiträgen und Registern. Manche Bilder sind auch im Original nicht beschrieben."
        ),
        (
            "Texto adaptable con índice, títulos ordenados, enlaces entre entradas e índices"
            " temáticos. Algunas imágenes carecen de descripción porque su fuente no la da."
        ),
        (
            "Testo adattabile con indice, titoli in ordine, collegamenti tra gli articoli e indici"
            " analitici. Alcune immagini non hanno descrizione perché manca nella fonte."
        ),
        (
            "リフロー型のテキストです。目次、順序どおりの見出し、記事間のリンク、索引があります。"
            "元の記事に説明がないため、説明のない画像があります。"
        ),
    ),
    "notes": ("Notes", "Notes", "Anmerkungen", "Notas", "Note", "注"),
    "links": ("Links", "Liens", "Links", "Enlaces", "Collegamenti", "リンク"),
    "note": (
        "Note {number}",
        "Note {number}",
        "Anmerkung {number}",
        "Nota {number}",
        "Nota {number}",
        "注{number}",
    ),
    "back_to_text": (
        "Back to the text",
        "Retour au texte",
        "Zurück zum Text",
        "Volver al texto",
        "Torna al testo",
        "本文に戻る",
    ),
    "see_page": (
        "see page",
        "voir page",
        "siehe Seite",
        "véase página",
        "vedi pagina",
        "参照ページ",
    ),
    "page": ("page", "page", "Seite", "página", "pagina", "ページ"),
    "cite_as": ("Cite as", "Pour citer", "Zitieren als", "Citar como", "Come citare", "引用形式"),
    "original": (
        "Original",
        "Article original",
        "Original",
        "Original",
        "Originale",
        "元の記事",
    ),
    "published": ("Published", "Publié le", "Veröffentlicht", "Publicado", "Pubblicato", "公開日"),
    "updated": ("Updated", "Mis à jour le", "Aktualisiert", "Actualizado", "Aggiornato", "更新日"),
    "by": ("by {names}", "par {names}", "von {names}", "por {names}", "di {names}", "{names}"),
    "previous_by": (
        "Previous by {name}",
        "Précédent de {name}",
        "Voriger Beitrag von {name}",
        "Anterior de {name}",
        "Precedente di {name}",
        "{name}の前の記事",
    ),
    "next_by": (
        "Next by {name}",
        "Suivant de {name}",
        "Nächster Beitrag von {name}",
        "Siguiente de {name}",
        "Successivo di {name}",
        "{name}の次の記事",
    ),
    "previous_volume": (
        "Previous volume",
        "Volume précédent",
        "Voriger Band",
        "Volumen anterior",
        "Volume precedente",
        "前の巻",
    ),
    "next_volume": (
        "Next volume",
        "Volume suivant",
        "Nächster Band",
        "Volumen siguiente",
        "Volume successivo",
        "次の巻",
    ),
    "volumes": ("Volumes", "Volumes", "Bände", "Volúmenes", "Volumi", "全巻"),
    "volume": (
        "Volume {number}",
        "Volume {number}",
        "Band {number}",
        "Volumen {number}",
        "Volume {number}",
        "第{number}巻",
    ),
    "in_volume": (
        "in “{volume}”",
        "dans « {volume} »",
        "in „{volume}“",
        "en «{volume}»",
        "in «{volume}»",
        "「{volume}」所収",
    ),
    "sources": ("Sources", "Sources", "Quellen", "Fuentes", "Fonti", "出典"),
    "rights": ("Rights", "Droits", "Rechte", "Derechos", "Diritti", "権利"),
    "versions": ("Versions", "Versions", "Versionen", "Versiones", "Versioni", "バージョン"),
    "made_with": (
        "Made with {name}",
        "Réalisé avec {name}",
        "Erstellt mit {name}",
        "Hecho con {name}",
        "Realizzato con {name}",
        "{name}で作成",
    ),
    "revision": ("Revision", "Révision", "Revision", "Revisión", "Revisione", "リビジョン"),
    "rights_remain": (
        "Every entry remains its author’s.",
        "Chaque texte reste la propriété de son auteur.",
        "Jeder Beitrag bleibt Eigentum seines Verfassers.",
        "Cada texto sigue siendo de su autor.",
        "Ogni testo resta del suo autore.",
        "各記事の権利は著者に帰属します。",
    ),
    "homepage": ("Home page", "Site", "Website", "Sitio web", "Sito web", "ホームページ"),
    "entries": ("Entries", "Articles", "Beiträge", "Entradas", "Articoli", "記事"),
    "entry_count_one": (
        "1 entry",
        "1 article",
        "1 Beitrag",
        "1 entrada",
        "1 articolo",
        "1件の記事",
    ),
    "entry_count": (
        "{count} entries",
        "{count} articles",
        "{count} Beiträge",
        "{count} entradas",
        "{count} articoli",
        "{count}件の記事",
    ),
    "untitled": ("Untitled", "Sans titre", "Ohne Titel", "Sin título", "Senza titolo", "無題"),
    "footnote": ("Footnote", "Note", "Fußnote", "Nota al pie", "Nota a piè di pagina", "脚注"),
    "image": ("Picture", "Image", "Bild", "Imagen", "Immagine", "画像"),
    "start": (
        "Start of content",
        "Début du texte",
        "Textbeginn",
        "Inicio del texto",
        "Inizio del testo",
        "本文",
    ),
    "summary_only": (
        "Only a summary is published here; the whole stands at the original address.",
        "Seul un résumé figure ici ; le texte complet est à l’adresse d’origine.",
        "Hier steht nur eine Zusammenfassung; der ganze Text steht an der Originaladresse.",
        "Aquí solo figura un resumen; el texto completo está en la dirección original.",
        "Qui c’è solo un riassunto; il testo completo è all’indirizzo originale.",
        "ここには要約のみを掲載しています。全文は元の記事をご覧ください。",
    ),
}


def language_of(tag: str | None) -> str:
    """The language of the table that serves a BCP 47 tag; English where none does."""
    return next((each for each in fallbacks(tag) if each in LANGUAGES), "en")


def say(language: str | None, phrase: str, **values: object) -> str:
    """A phrase of the table in a language, with its values put in.

    Raises KeyError for a phrase that is not in the table: that is a fault of the caller.
    """
    text = PHRASES[phrase][LANGUAGES.index(language_of(language))]
    return text.format(**values) if values else text


def count_entries(language: str | None, count: int) -> str:
    """ "1 entry", "15 entries"."""
    return (
        say(language, "entry_count_one")
        if count == 1
        else say(language, "entry_count", count=count)
    )


def format_date(when: dt.date, language: str | None) -> str:
    """A day as people write it: "13 January 2014", "13. Januar 2014", "2014年1月13日".

    A datetime is taken by its day in UTC.
    """
    day = when.astimezone(dt.UTC).date() if isinstance(when, dt.datetime) else when
    return babel_date(day, format="long", locale=_locale(language))


def format_month(when: dt.date, language: str | None) -> str:
    """ "January 2014"."""
    day = when.astimezone(dt.UTC).date() if isinstance(when, dt.datetime) else when
    return format_skeleton("yMMMM", day, locale=_locale(language))


def format_period(first: dt.date, last: dt.date, language: str | None) -> str:
    """The years that a set spans: "2014" or "2014–2024"."""
    years = sorted({first.year, last.year})
    suffix = "年" if language_of(language) == "ja" else ""
    return "–".join(f"{year}" for year in years) + suffix


def join_names(names: list[str] | tuple[str, ...], language: str | None) -> str:
    """ "Ada, Grace and Barbara", as the language joins them."""
    return format_list(list(names), style="standard", locale=_locale(language)) if names else ""


@lru_cache(maxsize=64)
def _locale(language: str | None) -> Locale:
    served = language_of(language)
    if served != "en":
        return Locale.parse(served)
    # Day before month, as most of the world writes English; American readers ask for en-US.
    for tag in fallbacks(language):
        try:
            locale = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        if locale.territory:
            return locale
    return Locale.parse("en_GB")
